package dev.pinnace.internal.image;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;

/** The edge of the image packages: whatever fails leaves as a {@link PinnaceException}. */
final class Guard {
  private Guard() {}

  interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Does {@code work}.
   *
   * @param what what is attempted, to follow "cannot"
   * @throws CancelledException if the thread is interrupted; the JDK tells that by closing the file
   *     channel that is being used
   */
  static <T> T guarded(String what, Work<T> work) {
    try {
      return work.run();
    } catch (CancelledException cancelled) {
      throw cancelled;
    } catch (IOException | RuntimeException failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof ClosedByInterruptException) {
          throw new CancelledException("interrupted: cannot " + what, failure);
        }
      }
      if (failure instanceof IOException
          || failure instanceof UncheckedIOException
          || failure instanceof ErrnoException) {
        throw new PinnaceException(
            "cannot " + what + ": " + Reasons.of(failure) + Reasons.hint(failure), failure);
      }
      throw (RuntimeException) failure;
    }
  }
}

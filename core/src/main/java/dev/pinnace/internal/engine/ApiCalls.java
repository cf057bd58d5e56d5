package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Reasons;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.InvalidPathException;
import java.util.function.Supplier;

/**
 * Where calls of the API end, inside of {@link Calls}: what comes out of them is the API's.
 * Interruption is told from failure, for a file channel that an interrupted thread uses is closed
 * by the JDK, and that arrives as a failure to read or write.
 */
final class ApiCalls {
  private ApiCalls() {}

  /**
   * What {@code work} gives.
   *
   * @throws CancelledException if the thread was interrupted; the flag stays set
   * @throws PinnaceException for what the kernel or a file refused
   */
  static <T> T of(Supplier<T> work) {
    try {
      return work.get();
    } catch (CancelledException e) {
      throw e;
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ClosedByInterruptException) {
          throw new CancelledException("interrupted: " + e.getMessage(), e);
        }
      }
      if (e instanceof InvalidPathException) {
        throw new InvalidSpecException("this cannot be a path: " + e.getMessage(), e);
      }
      if ((e instanceof ErrnoException || e instanceof UncheckedIOException)
          && Reasons.isTooManyFiles(e)) {
        throw new PinnaceException(
            "too few files may be open in this process: "
                + Errno.describe(Errno.EMFILE)
                + Reasons.hint(e),
            e);
      }
      if (e instanceof ErrnoException) {
        throw new PinnaceException(e.getMessage() + Reasons.hint(e), e);
      }
      if (e instanceof UncheckedIOException) {
        throw new PinnaceException(Reasons.of(e) + Reasons.hint(e), e);
      }
      throw e;
    }
  }

  /** The same for work that gives nothing. */
  static void of(Runnable work) {
    Boolean unused =
        of(
            () -> {
              work.run();
              return true;
            });
  }
}

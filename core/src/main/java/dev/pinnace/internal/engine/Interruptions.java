package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import java.nio.channels.ClosedByInterruptException;
import java.util.function.Supplier;

/**
 * Tells interruption from failure: a file channel that an interrupted thread uses is closed by the
 * JDK, and that arrives as a failure to read or write.
 */
final class Interruptions {
  private Interruptions() {}

  /** What {@code work} gives; interruption comes as a {@link CancelledException}. */
  static <T> T noticed(Supplier<T> work) {
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
      throw e;
    }
  }

  /** The same for work that gives nothing. */
  static void noticed(Runnable work) {
    Boolean unused =
        noticed(
            () -> {
              work.run();
              return true;
            });
  }
}

package dev.pinnace.internal.engine;

import dev.pinnace.linux.Reasons;
import java.nio.channels.ClosedByInterruptException;

/** Tells a record that is of no use any more from one that could not be read just now. */
final class Damage {
  private Damage() {}

  /**
   * Why a record cannot be read.
   *
   * @throws RuntimeException {@code failure} itself, if another attempt may go better: the thread
   *     was interrupted, or too few files may be open
   */
  static String reason(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClosedByInterruptException) {
        throw failure;
      }
    }
    if (Reasons.isShortage(failure)) {
      throw failure;
    }
    return Reasons.of(failure);
  }
}

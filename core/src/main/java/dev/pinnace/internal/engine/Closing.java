package dev.pinnace.internal.engine;

import org.jspecify.annotations.Nullable;

/** Takes every step of a close, whatever the steps before came to. Not thread-safe. */
final class Closing {
  private @Nullable Throwable failure;

  /** Takes a step; what it throws waits for {@link #end}. */
  void step(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      } else if (failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Undoes what a failed attempt has left; where that fails too, the reason is told with it. */
  static void undo(Throwable reason, Runnable undoing) {
    try {
      undoing.run();
    } catch (RuntimeException | Error e) {
      if (e != reason) {
        reason.addSuppressed(e);
      }
    }
  }

  /** Throws what the first failed step threw, with the others' as suppressed. */
  void end() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }
}

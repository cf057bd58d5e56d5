package dev.pinnace;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Work that takes long and was begun. Thread-safe.
 *
 * @param <T> its result
 */
public interface Task<T> {
  /**
   * Waits for the result.
   *
   * @throws dev.pinnace.error.PinnaceException what the work failed with
   * @throws dev.pinnace.error.CancelledException if the work was cancelled, or this thread is
   *     interrupted: then the work is cancelled too, and the thread's interrupt flag is set
   */
  T await();

  /**
   * The same, not longer than {@code limit}; the work goes on after that.
   *
   * @throws dev.pinnace.error.TimedOutException if it is not done then
   */
  T await(Duration limit);

  /**
   * Ends the work, and returns when it has ended and nothing is left behind but what makes the same
   * work quicker another time.
   *
   * @return whether it was ended by this; false if it had ended before
   */
  boolean cancel();

  /** Completes with the result or with the failure, on a thread of the engine. */
  CompletionStage<T> completion();
}

package dev.pinnace.internal.image.registry;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.pinnace.error.PinnaceException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said to a registry when the work with it has failed or was interrupted: within a moment,
 * or not at all. It changes nothing of how that ends.
 */
final class LastWord {
  private static final Logger LOG = LoggerFactory.getLogger(LastWord.class);
  private static final long LONGEST_MS = 2000;

  private LastWord() {}

  /** What is to be said. */
  @FunctionalInterface
  interface Words {
    /** Says it. */
    void say() throws InterruptedException;
  }

  /**
   * Says it on another thread, whether or not the caller's is interrupted: the flag is kept.
   *
   * @param what what is attempted, for the log
   */
  static void say(String what, Executor threads, Words words) {
    FutureTask<Boolean> saying =
        new FutureTask<>(
            () -> {
              words.say();
              return true;
            });
    try {
      threads.execute(saying);
      Boolean unused =
          Uninterruptibles.getUninterruptibly(saying, LONGEST_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | RejectedExecutionException late) {
      LOG.debug("cannot {}: {}", what, late.toString());
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof PinnaceException
          || failure.getCause() instanceof Endpoint.Broken) {
        LOG.debug("cannot {}", what, failure.getCause());
      } else {
        LOG.warn("cannot {}", what, failure.getCause());
      }
    } finally {
      saying.cancel(true);
    }
  }
}

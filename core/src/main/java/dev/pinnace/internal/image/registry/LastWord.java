package dev.pinnace.internal.image.registry;

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

  /**
   * Says it on another thread, since the caller's may be interrupted: the flag is kept. Another
   * interrupt ends it.
   *
   * @param what what is attempted, for the log
   */
  static void say(String what, Executor threads, Runnable words) {
    boolean interrupted = Thread.interrupted();
    FutureTask<Boolean> saying = new FutureTask<>(words, true);
    try {
      threads.execute(saying);
      boolean unused = saying.get(LONGEST_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException again) {
      interrupted = true;
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
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

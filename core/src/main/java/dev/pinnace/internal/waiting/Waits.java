package dev.pinnace.internal.waiting;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Waiting the way the API promises: interruption and time limits become Pinnace's exceptions. */
public final class Waits {
  /** For what may take as long as it likes: longer than any host is up. */
  public static final Duration FOREVER = Duration.ofDays(10_000);

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private Waits() {}

  /**
   * The future's value. An error that it failed with is thrown as it is.
   *
   * @throws TimedOutException after {@code limit}
   * @throws CancelledException when interrupted; the flag stays set
   */
  public static <T> T await(CompletableFuture<T> future, Duration limit, String what) {
    try {
      return future.get(nanos(limit), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for " + what, e);
    } catch (TimeoutException e) {
      throw new TimedOutException(
          "waited " + nanos(limit) / 1_000_000 + " ms in vain for " + what, e);
    } catch (ExecutionException e) {
      throw unwrap(e, what);
    }
  }

  /**
   * Waits until {@code future} is done, however; an interruption is remembered and does not cut
   * this short.
   *
   * @return false when it was not done within {@code limit}
   */
  public static boolean settle(CompletableFuture<?> future, Duration limit) {
    CompletableFuture<?> settled = future.handle((value, failure) -> true);
    boolean interrupted = false;
    long end = System.nanoTime() + Math.min(nanos(limit), Long.MAX_VALUE / 2);
    try {
      while (true) {
        try {
          settled.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
          return true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          return false;
        } catch (ExecutionException e) {
          throw new IllegalStateException("a handled future failed", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A short pause between two looks at something of which nobody tells.
   *
   * @throws CancelledException when interrupted, before or during it; the flag stays set
   */
  public static void pause(Duration length, String what) {
    LockSupport.parkNanos(nanos(length));
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException("interrupted while waiting for " + what);
    }
  }

  /**
   * Runs what an interruption must not cut short, such as cleaning up after one; the flag is kept.
   */
  public static void undisturbed(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A time to wait: none if it is negative, 292 years at most. */
  public static long nanos(Duration limit) {
    if (limit.isNegative()) {
      return 0;
    }
    return limit.compareTo(LONGEST) > 0 ? Long.MAX_VALUE : limit.toNanos();
  }

  private static RuntimeException unwrap(ExecutionException e, String what) {
    Throwable cause = e.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof PinnaceException pinnace) {
      pinnace.addSuppressed(new PinnaceException("while waiting for " + what));
      return pinnace;
    }
    return new PinnaceException(what + " failed: " + cause, cause);
  }
}

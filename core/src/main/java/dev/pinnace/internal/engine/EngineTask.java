package dev.pinnace.internal.engine;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.waiting.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on a thread of the engine. Cancelling interrupts the thread; the work is to undo what it
 * began and to end by {@link CancelledException}. Thread-safe.
 */
final class EngineTask<T> implements Task<T>, Runnable {
  private final String what;
  private final Supplier<T> work;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread thread;
  private boolean cancelled;
  private volatile boolean cut;

  /**
   * @param what it is, for messages: "the pull of busybox"
   */
  EngineTask(String what, Supplier<T> work) {
    this.what = what;
    this.work = work;
  }

  @Override
  public void run() {
    @Nullable T value = null;
    @Nullable Throwable failure = null;
    try {
      begin();
      value = ApiCalls.of(work);
    } catch (RuntimeException | Error thrown) {
      failure = thrown;
    } finally {
      finish();
    }
    complete(value, failure);
  }

  private synchronized void begin() {
    if (cancelled) {
      throw cancellation(null);
    }
    thread = Thread.currentThread();
  }

  /** After this nobody interrupts the thread, which others use next. */
  private synchronized void finish() {
    thread = null;
    Thread.interrupted();
  }

  private void complete(@Nullable T value, @Nullable Throwable failure) {
    synchronized (this) {
      cut = cancelled && failure != null;
    }
    ended.countDown();
    if (failure == null) {
      result.complete(value);
    } else {
      boolean asked = cut && !(failure instanceof CancelledException);
      result.completeExceptionally(asked ? cancellation(failure) : failure);
    }
  }

  private CancelledException cancellation(@Nullable Throwable cause) {
    return new CancelledException(what + " was cancelled", cause);
  }

  @Override
  public T await() {
    return within(null);
  }

  @Override
  public T await(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    return within(Waits.nanos(limit));
  }

  private T within(@Nullable Long nanos) {
    try {
      if (nanos == null) {
        ended.await();
      } else if (!ended.await(nanos, TimeUnit.NANOSECONDS)) {
        throw new TimedOutException(
            what + " is not done within " + Duration.ofNanos(nanos) + "; it goes on");
      }
    } catch (InterruptedException interruption) {
      cancel();
      Thread.currentThread().interrupt();
      throw cancellation(interruption);
    }
    return outcome();
  }

  /** The failure as it was thrown, with the stack of whoever waits beside it. */
  private T outcome() {
    try {
      return result.join();
    } catch (java.util.concurrent.CompletionException failure) {
      Throwable cause = failure.getCause();
      if (cause instanceof RuntimeException unchecked) {
        unchecked.addSuppressed(new Waiting(what));
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new PinnaceException(what + " failed: " + cause, cause);
    }
  }

  /** Where the failure was waited for. */
  private static final class Waiting extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Waiting(String what) {
      super(what + " was waited for here");
    }
  }

  @Override
  public boolean cancel() {
    if (!interrupt()) {
      return false;
    }
    joinQuietly();
    return cut;
  }

  /** Begins to cancel: whether there is something left to end. */
  synchronized boolean interrupt() {
    if (ended.getCount() == 0) {
      return false;
    }
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
    return true;
  }

  private void joinQuietly() {
    Uninterruptibles.awaitUninterruptibly(ended);
  }

  @Override
  public CompletionStage<T> completion() {
    return result.minimalCompletionStage();
  }

  @Override
  public String toString() {
    return what + (ended.getCount() > 0 ? " (not done)" : cut ? " (cancelled)" : " (done)");
  }
}

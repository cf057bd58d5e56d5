package dev.pinnace.internal.engine;

import dev.pinnace.Subscription;
import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.waiting.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription for which one thread of the engine's pool works as long as it lasts. What the
 * consumer or the work throws ends it and waits for whoever awaits it.
 */
abstract class WorkSubscription<T> implements Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(WorkSubscription.class);
  private static final Duration LAST_CALL = Duration.ofSeconds(10);

  private final String followed;
  private final ConsumerFailure own = new ConsumerFailure();
  final Consumer<T> consumer;
  private final CountDownLatch done = new CountDownLatch(1);
  private final AtomicReference<@Nullable Runnable> atEnd = new AtomicReference<>();
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread worker;

  /**
   * Begins with {@link #begin}.
   *
   * @param followed in words, as in {@code the log of container web}
   */
  WorkSubscription(String followed, Consumer<? super T> consumer) {
    this.followed = followed;
    this.consumer = own.keptOf(consumer);
  }

  /** Has {@code work} done, which returns once there is nothing more to come, or this is closed. */
  final void begin(Executor executor, Runnable work) {
    executor.execute(() -> work(work));
  }

  private void work(Runnable work) {
    worker = Thread.currentThread();
    try {
      Boolean unused =
          own.unwrapped(
              () -> {
                ApiCalls.of(work);
                return true;
              });
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      worker = null;
      atEnd.set(null);
      over();
      done.countDown();
    }
  }

  private void fail(Throwable thrown) {
    if (thrown instanceof CancelledException && !own.is(thrown)) {
      LOG.debug("following {} ended with its engine", followed, thrown);
      return;
    }
    failure = thrown;
    LOG.warn("following {} ended before its time", followed, thrown);
  }

  /**
   * Has {@code action} done at the end of a container, which may be long after that of this:
   * nothing of this is kept until then.
   */
  final void whenEnded(CompletionStage<?> exit, Runnable action) {
    AtomicReference<@Nullable Runnable> wanted = atEnd;
    wanted.set(action);
    CompletionStage<?> unused =
        exit.handle(
            (ended, failure) -> {
              Runnable due = wanted.getAndSet(null);
              if (due != null) {
                due.run();
              }
              return ended;
            });
  }

  /** Has work that waits look at {@link #isClosed}. */
  abstract void wake();

  /** The work has ended, however. */
  void over() {}

  final boolean isClosed() {
    return closed;
  }

  /** Ends it without waiting. */
  final void cancel() {
    closed = true;
    wake();
  }

  @Override
  public final boolean await(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    boolean over = awaitDone(limit);
    Throwable thrown = failure;
    if (over && thrown != null) {
      throw ConsumerFailure.rethrown(thrown);
    }
    return over;
  }

  private boolean awaitDone(Duration limit) {
    try {
      return done.await(Waits.nanos(limit), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while following " + followed, e);
    }
  }

  @Override
  public final void close() {
    cancel();
    if (Thread.currentThread() != worker) {
      boolean unused = awaitDone(LAST_CALL);
    }
  }

  @Override
  public final String toString() {
    return "subscription to " + followed + (done.getCount() > 0 ? "" : " (ended)");
  }
}

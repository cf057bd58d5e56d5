package dev.pinnace.internal.engine;

import dev.pinnace.Subscription;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a log: the supervisor says that there is more, this reads it from the files, so a slow
 * consumer holds nobody up. One thread of the engine's pool works for it as long as it lasts.
 */
final class LogSubscription implements Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(LogSubscription.class);

  private final String container;
  private final LogQuery query;
  private final ConsumerFailure own = new ConsumerFailure();
  private final Consumer<LogLine> consumer;
  private final Consumer<String> damaged;
  private final Supplier<Optional<ExitRecord>> exitRecord;
  private final Semaphore news = new Semaphore(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final CountDownLatch positioned = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean ended;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread worker;

  private LogSubscription(
      String container,
      LogQuery query,
      Consumer<? super LogLine> consumer,
      Consumer<String> damaged,
      Supplier<Optional<ExitRecord>> exitRecord) {
    this.container = container;
    this.query = query;
    this.consumer = own.keptOf(consumer);
    this.damaged = damaged;
    this.exitRecord = exitRecord;
  }

  /**
   * Begins to follow.
   *
   * @param container as people call it
   * @param exitRecord of a container that does not run
   */
  static LogSubscription start(
      String container,
      Path directory,
      Optional<RunningContainer> running,
      LogQuery query,
      Consumer<? super LogLine> consumer,
      Consumer<String> damaged,
      Supplier<Optional<ExitRecord>> exitRecord,
      Executor executor) {
    LogSubscription subscription =
        new LogSubscription(container, query, consumer, damaged, exitRecord);
    executor.execute(() -> subscription.work(directory, running));
    if (query.tail().isPresent()) {
      subscription.awaitPosition();
    }
    return subscription;
  }

  /** A line that comes after {@link #start} has returned is a new one, and no part of the tail. */
  private void awaitPosition() {
    try {
      positioned.await();
    } catch (InterruptedException e) {
      closed = true;
      news.release();
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while beginning to follow a log", e);
    }
  }

  private void work(Path directory, Optional<RunningContainer> running) {
    worker = Thread.currentThread();
    try {
      Boolean unused = own.unwrapped(() -> ApiCalls.of(() -> followToTheEnd(directory, running)));
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      worker = null;
      positioned.countDown();
      done.countDown();
    }
  }

  private boolean followToTheEnd(Path directory, Optional<RunningContainer> running) {
    boolean lived = running.isPresent() && followLiving(directory, running.get());
    if (!lived) {
      ended = true;
      deliver(directory, exitRecord);
    }
    return lived;
  }

  private void fail(Throwable thrown) {
    if (thrown instanceof CancelledException && !own.is(thrown)) {
      LOG.debug("following the log of container {} ended with its engine", container, thrown);
      return;
    }
    failure = thrown;
    LOG.warn("following the log of container {} ended before its time", container, thrown);
  }

  /** Whether the container lived when this began. */
  private boolean followLiving(Path directory, RunningContainer container) {
    CompletionStage<?> unused =
        container
            .exit()
            .handle(
                (exit, failure) -> {
                  ended = true;
                  news.release();
                  return exit;
                });
    Optional<AutoCloseable> begun = follow(container);
    if (begun.isEmpty()) {
      return false;
    }
    try (AutoCloseable following = begun.get()) {
      deliver(directory, () -> LostOutput.known(container.exit()));
      return true;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("cannot end the subscription to " + directory, e);
    }
  }

  private Optional<AutoCloseable> follow(RunningContainer container) {
    try {
      return Optional.of(container.follow(size -> news.release()));
    } catch (ConflictException gone) {
      return Optional.empty();
    }
  }

  private void deliver(Path directory, Supplier<Optional<ExitRecord>> exit) {
    Tail tail = new Tail();
    try (LogReader reader = LogReader.following(directory, tail::accept)) {
      boolean last;
      do {
        last = ended;
        reader.more();
        tail.flush();
        if (!last && !closed) {
          news.acquire();
          news.drainPermits();
        }
      } while (!last && !closed);
      if (!closed) {
        reader.finish();
        exit.get().flatMap(LostOutput::note).ifPresent(tail::accept);
        reader.damage().ifPresent(damaged);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Holds the first batch back until only the wanted number of lines is left. */
  private final class Tail {
    private final Deque<LogLine> held = new ArrayDeque<>();
    private boolean holding = query.tail().isPresent();

    void accept(LogLine line) {
      if (closed || !query.matches(line)) {
        return;
      }
      if (!holding) {
        consumer.accept(line);
        return;
      }
      held.addLast(line);
      if (held.size() > query.tail().orElse(0)) {
        held.removeFirst();
      }
    }

    void flush() {
      if (holding) {
        holding = false;
        positioned.countDown();
        held.forEach(consumer);
        held.clear();
      }
    }
  }

  @Override
  public boolean await(Duration limit) {
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
      throw new CancelledException("interrupted while following a log", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    news.release();
    if (Thread.currentThread() != worker) {
      boolean unused = awaitDone(Duration.ofSeconds(10));
    }
  }

  @Override
  public String toString() {
    return "subscription to the log of container "
        + container
        + (done.getCount() > 0 ? "" : " (ended)");
  }
}

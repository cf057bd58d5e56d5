package dev.pinnace.internal.engine;

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
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows a log: the supervisor says that there is more, this reads it from the files, so a slow
 * consumer holds nobody up. One thread of the engine's pool works for it as long as it lasts.
 */
final class LogSubscription extends WorkSubscription<LogLine> {
  private final LogQuery query;
  private final Consumer<String> damaged;
  private final Supplier<Optional<ExitRecord>> exitRecord;
  private final Semaphore news = new Semaphore(1);
  private final CountDownLatch positioned = new CountDownLatch(1);
  private volatile boolean ended;

  private LogSubscription(
      String container,
      LogQuery query,
      Consumer<? super LogLine> consumer,
      Consumer<String> damaged,
      Supplier<Optional<ExitRecord>> exitRecord) {
    super("the log of container " + container, consumer);
    this.query = query;
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
    subscription.begin(executor, () -> subscription.followToTheEnd(directory, running));
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
      cancel();
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while beginning to follow a log", e);
    }
  }

  private void followToTheEnd(Path directory, Optional<RunningContainer> running) {
    boolean lived = running.isPresent() && followLiving(directory, running.get());
    if (!lived) {
      ended = true;
      deliver(directory, exitRecord);
    }
  }

  /** Whether the container lived when this began. */
  private boolean followLiving(Path directory, RunningContainer container) {
    whenEnded(
        container.exit(),
        () -> {
          ended = true;
          news.release();
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
        last = ended || isOver();
        reader.more();
        tail.flush();
        if (!last && !isClosed()) {
          boolean more = news.tryAcquire(Waits.nanos(remaining()), TimeUnit.NANOSECONDS);
          int unused = more ? news.drainPermits() : 0;
        }
      } while (!last && !isClosed());
      if (!isClosed()) {
        reader.finish();
        exit.get().flatMap(LostOutput::note).ifPresent(tail::accept);
        if (ended) {
          reader.damage().ifPresent(damaged);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOver() {
    Duration left = remaining();
    return left.isNegative() || left.isZero();
  }

  /** How long lines may come that are asked for. */
  private Duration remaining() {
    return query.until().map(end -> Duration.between(Instant.now(), end)).orElse(Waits.FOREVER);
  }

  /** Holds the first batch back until only the wanted number of lines is left. */
  private final class Tail {
    private final Deque<LogLine> held = new ArrayDeque<>();
    private boolean holding = query.tail().isPresent();

    void accept(LogLine line) {
      if (isClosed() || !query.matches(line)) {
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
  void wake() {
    news.release();
  }

  @Override
  void over() {
    positioned.countDown();
  }
}

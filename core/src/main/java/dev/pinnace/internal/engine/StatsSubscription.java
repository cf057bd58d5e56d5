package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Stats;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads again and again what a container uses, until it has ended. */
final class StatsSubscription extends WorkSubscription<Stats> {
  private static final Logger LOG = LoggerFactory.getLogger(StatsSubscription.class);
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final RunningContainer container;
  private final long interval;
  private final Semaphore end = new Semaphore(0);
  private volatile boolean ended;

  private StatsSubscription(
      String name,
      RunningContainer container,
      Duration interval,
      Consumer<? super Stats> consumer) {
    super("the statistics of container " + name, consumer);
    this.container = container;
    this.interval = Waits.nanos(interval);
  }

  /**
   * Begins; the first are read here, so that whoever cannot have any is told at once.
   *
   * @param name as people call the container
   */
  static StatsSubscription start(
      String name,
      RunningContainer container,
      Duration interval,
      Consumer<? super Stats> consumer,
      Executor executor) {
    if (interval.compareTo(SHORTEST) < 0) {
      throw new InvalidSpecException(
          "statistics cannot be read every " + interval + ": give a millisecond or more");
    }
    StatsSubscription subscription = new StatsSubscription(name, container, interval, consumer);
    Stats first = container.stats();
    subscription.begin(executor, () -> subscription.follow(first));
    return subscription;
  }

  private void follow(Stats first) {
    whenEnded(
        container.exit(),
        () -> {
          ended = true;
          wake();
        });
    long last = System.nanoTime();
    try {
      handOn(first);
      while (awaitNext(last)) {
        last = System.nanoTime();
        readAndHandOn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is time for the next before the end. */
  private boolean awaitNext(long last) throws InterruptedException {
    boolean woken = end.tryAcquire(interval - (System.nanoTime() - last), TimeUnit.NANOSECONDS);
    return !woken && !ended && !isClosed();
  }

  private void readAndHandOn() {
    Stats read;
    try {
      read = container.stats();
    } catch (ConflictException ending) { // its end comes next, or after a while its next run
      LOG.debug("nothing is counted for {} now", container.place().id(), ending);
      return;
    }
    handOn(read);
  }

  private void handOn(Stats stats) {
    if (!isClosed()) {
      consumer.accept(stats);
    }
  }

  @Override
  void wake() {
    end.release();
  }
}

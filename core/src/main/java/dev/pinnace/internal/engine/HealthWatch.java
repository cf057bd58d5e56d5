package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.state.RunHealth;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.Health.Check;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningContainer.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a container's health again and again, on one thread, as long as it runs. Of several
 * engines that do so the one with the container's health lock runs the checks; the others wait for
 * that.
 */
final class HealthWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
  private static final Bytes KEPT = Bytes.of(4096);

  /** Nobody tells when the lock is free, the container goes on, or its next run begins. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final ContainerStore store;
  private final Events events;
  private final Execs execs;
  private final ContainerRecord record;
  private final HealthSpec spec;
  private final RunningContainer container;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final CompletableFuture<?> news;
  private @Nullable Thread worker;
  private boolean starting;
  private boolean warned;

  HealthWatch(
      ContainerStore store,
      Events events,
      Execs execs,
      ContainerRecord record,
      RunningContainer container) {
    this.store = store;
    this.events = events;
    this.execs = execs;
    this.record = record;
    this.spec = record.health().orElseThrow();
    this.container = container;
    this.news = CompletableFuture.anyOf(ended, container.exit(), container.gone());
  }

  /** Whether it goes on, and is of this connection. */
  boolean isOf(RunningContainer connection) {
    return container == connection && !over.isDone();
  }

  /** Completes when nothing more is done. */
  CompletableFuture<Void> over() {
    return over;
  }

  /** Ends it; a check that is under way is killed. */
  synchronized void end() {
    ended.complete(null);
    if (worker != null && !starting) {
      worker.interrupt();
    }
  }

  /** While a check starts this thread is not interrupted. */
  private synchronized void starting(boolean now) {
    starting = now;
    if (!now && ended.isDone()) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void working(@Nullable Thread thread) {
    worker = thread;
  }

  /** Returns when the container has ended, or this is to. */
  void run() {
    working(Thread.currentThread());
    try {
      while (!isOver()) {
        tryToLookAfter();
      }
    } catch (RuntimeException e) { // the wait was cut short
      LOG.debug("the checks of container {} end", record.name(), e);
    } finally {
      working(null);
    }
  }

  /** What fails, for want of memory or descriptors for instance, may succeed a little later. */
  private void tryToLookAfter() {
    try {
      lookAfter();
    } catch (CancelledException closing) {
      throw closing;
    } catch (RuntimeException e) {
      if (isOver()) {
        return;
      }
      if (!warned) {
        warned = true;
        LOG.warn("the health of container {} cannot be looked after: {}", record.name(), reason(e));
      }
      LOG.debug("a check of container {} failed", record.name(), e);
      pause(LOOK);
    }
  }

  private void lookAfter() {
    Optional<LockFile> lock = store.tryHealthLock(record.id());
    if (lock.isEmpty()) {
      pause(LOOK);
      return;
    }
    try (LockFile held = lock.get()) {
      checkOn();
    }
  }

  private boolean isOver() {
    return ended.isDone() || container.exit().isDone() || container.gone().isDone();
  }

  private void pause(Duration length) {
    try {
      Object unused = Waits.await(news, length, "the next check");
    } catch (TimedOutException now) {
      LOG.trace("container {} is looked at", record.name());
    }
  }

  private void checkOn() {
    while (!isOver()) {
      Optional<Instant> run = run(container.status());
      if (run.isEmpty()) {
        pause(LOOK);
        continue;
      }
      Health health = health(run.get());
      Duration rest = HealthProgress.untilNext(health, spec, run.get(), Instant.now());
      if (rest.isZero() || rest.isNegative()) {
        check(run.get(), health);
      } else {
        pause(rest.compareTo(LOOK) < 0 ? rest : LOOK);
      }
    }
  }

  private Health health(Instant run) {
    return store
        .health(record.id())
        .filter(known -> known.started().equals(run))
        .map(RunHealth::health)
        .orElse(Health.UNKNOWN);
  }

  /** When its present run began, if that can be checked now. */
  private static Optional<Instant> run(RunningContainer.Status status) {
    return status.phase() == Phase.RUNNING ? status.started() : Optional.empty();
  }

  private void check(Instant run, Health before) {
    Optional<Check> check = outcome();
    boolean same = check.isPresent() && run(container.status()).equals(Optional.of(run));
    if (!same || isOver()) { // what ends or pauses a container fails its check
      pause(LOOK);
      return;
    }
    Health after = HealthProgress.after(before, check.get(), spec, run);
    store.writeHealth(record.id(), new RunHealth(run, after));
    if (after.status() != before.status()) {
      events.tell(record.id(), Action.HEALTH_STATUS, Map.of("healthStatus", after.status().word()));
    }
  }

  /** Empty where the container could not be asked. */
  private Optional<Check> outcome() {
    List<String> test = spec.test();
    ExecSpec exec =
        ExecSpec.of(test.subList(1, test.size()).toArray(String[]::new))
            .withTimeout(spec.timeout().orElseThrow());
    CapturedOutput output = new CapturedOutput(KEPT);
    Instant start = Instant.now();
    starting(true);
    try {
      Execs.End end = execs.check(record.id(), exec, output.stdout(), () -> starting(false));
      String text = output.result(end).stdout();
      return Optional.of(
          end.timedOut()
              ? new Check(start, Instant.now(), -1, late(text))
              : new Check(start, Instant.now(), end.code(), text));
    } catch (StartFailedException e) {
      return Optional.of(new Check(start, Instant.now(), e.exitCode(), reason(e)));
    } catch (TimedOutException e) {
      return Optional.of(new Check(start, Instant.now(), -1, reason(e)));
    } catch (ConflictException | NotFoundException | CancelledException e) {
      LOG.debug("container {} cannot be checked now", record.name(), e);
      return Optional.empty();
    } finally {
      starting(false);
    }
  }

  private static String reason(RuntimeException failure) {
    return String.valueOf(failure.getMessage());
  }

  private String late(String text) {
    String limit = spec.timeout().orElseThrow().toString();
    String killed = "killed at its time limit, " + limit.substring(2).toLowerCase(Locale.ROOT);
    return text.isEmpty() ? killed : killed + "; it wrote: " + text;
  }
}

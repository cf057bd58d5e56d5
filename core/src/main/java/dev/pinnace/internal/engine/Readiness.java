package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.NotReadyException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spec.Ready;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until a container is ready. */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

  /** Between what a program writes first and the note that it has begun. */
  private static final Duration BEGINNING = Duration.ofMillis(5);

  /** Between the end of a container and the news of how it ended. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Services services;
  private final ContainerId id;

  Readiness(Services services, ContainerId id) {
    this.services = services;
    this.id = id;
  }

  void await(Ready ready, Duration limit) {
    long end = System.nanoTime() + Math.min(Waits.nanos(limit), Long.MAX_VALUE / 2);
    ContainerRecord record = services.lookup().record(id);
    Optional<RunningContainer> found =
        services.connection(id).filter(container -> !container.exit().isDone());
    if (found.isEmpty()) {
      throw ended(record, ready, services.states().exit(record));
    }
    RunningContainer running = found.get();
    try (ReadyCondition condition = condition(ready, record, running, end)) {
      Duration pause = FIRST_PAUSE;
      while (!holds(condition)) {
        services.calls().ensureOpen();
        if (running.exit().isDone()) {
          condition.settle();
          if (holds(condition)) {
            return;
          }
          throw ended(record, ready, exit(running));
        }
        if (System.nanoTime() >= end) {
          throw late(record, ready);
        }
        Waits.pause(atMost(pause, end), "container " + record.name() + " to be ready");
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
      }
    }
  }

  private static ExitStatus exit(RunningContainer running) {
    return ExitStatuses.of(Waits.await(running.exit(), Duration.ZERO, "the container's end"));
  }

  private static Duration atMost(Duration pause, long end) {
    Duration rest = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    return rest.compareTo(pause) < 0 ? rest : pause;
  }

  private ReadyCondition condition(
      Ready ready, ContainerRecord record, RunningContainer running, long end) {
    if (ready instanceof Ready.LogLines lines) {
      requireLog(record);
      return ReadyCondition.lines(
          lines,
          consumer ->
              new EngineLogs(services, id, record.name()).follow(ofThisRun(running), consumer),
          new Prompt(services.lookup().place(record).logs(), () -> ofThisRun(running)));
    } else if (ready instanceof Ready.Port port) {
      return () -> running.listening().contains(port.port());
    } else if (ready instanceof Ready.Http http) {
      return () -> running.listening().contains(http.port()) && answers(running, http, end);
    } else if (ready instanceof Ready.Command command) {
      return () -> succeeds(command.exec(), end);
    } else if (ready instanceof Ready.Healthy) {
      requireCheck(record);
      return () -> isHealthy(record, running);
    } else if (ready instanceof Ready.All all) {
      return all(all, record, running, end);
    }
    throw new IllegalStateException("a condition that nobody knows: " + ready);
  }

  /** Where one of them cannot be waited for, what follows a log for another ends. */
  private ReadyCondition all(
      Ready.All all, ContainerRecord record, RunningContainer running, long end) {
    List<ReadyCondition> begun = new ArrayList<>();
    try {
      for (Ready one : all.conditions()) {
        begun.add(condition(one, record, running, end));
      }
      return ReadyCondition.all(begun);
    } catch (RuntimeException | Error e) {
      begun.forEach(condition -> Closing.undo(e, condition::close));
      throw e;
    }
  }

  /** Asked only where somebody listens; whoever does may say anything, or nothing. */
  private static boolean answers(RunningContainer running, Ready.Http http, long end) {
    Duration limit = atMost(http.timeout(), end);
    if (limit.isZero()) {
      return false;
    }
    OptionalInt status =
        HttpStatus.of(running.ask(http.port(), HttpStatus.request(http), HttpStatus.LINE, limit));
    return status.isPresent()
        && status.getAsInt() >= http.least()
        && status.getAsInt() <= http.most();
  }

  private static void requireLog(ContainerRecord record) {
    if (record.spec().lifecycle().log().bytesPerFile().equals(Bytes.ZERO)) {
      throw new ConflictException(
          "container "
              + record.name()
              + " has no log, so no line of it can be waited for: make it with one, or wait for"
              + " something else");
    }
  }

  private static void requireCheck(ContainerRecord record) {
    if (record.health().isEmpty()) {
      throw new InvalidSpecException(
          "container "
              + record.name()
              + " has no health check, so it is never healthy: give it one, or wait for something"
              + " else");
    }
  }

  private boolean isHealthy(ContainerRecord record, RunningContainer running) {
    Optional<Instant> run = run(running.status());
    return !running.exit().isDone()
        && run.isPresent()
        && services
            .states()
            .health(record, run)
            .filter(health -> health.status() == Health.Status.HEALTHY)
            .isPresent();
  }

  /** When its present run began; between two runs it still tells of the last one. */
  private static Optional<Instant> run(RunningContainer.Status status) {
    return switch (status.phase()) {
      case RUNNING, PAUSED -> status.started();
      default -> Optional.empty();
    };
  }

  /** It may end while it is looked at. */
  private boolean holds(ReadyCondition condition) {
    try {
      return condition.holds();
    } catch (ConflictException ended) {
      LOG.debug("container {} cannot be looked at", id.shortHex(), ended);
      return false;
    }
  }

  /** Of a container that was started again the log goes further back. */
  private static LogQuery ofThisRun(RunningContainer running) {
    Instant now = Instant.now();
    try {
      return LogQuery.all().since(run(running.status()).map(Readiness::begun).orElse(now));
    } catch (ConflictException ended) {
      return Waits.await(running.exit(), LAST_WORDS, "the container's end")
          .flatMap(ExitRecord::started)
          .map(started -> LogQuery.all().since(begun(started)))
          .orElse(LogQuery.all());
    }
  }

  private static Instant begun(Instant noted) {
    return noted.minus(BEGINNING);
  }

  /** It may be paused, or between two runs. */
  private boolean succeeds(ExecSpec exec, long end) {
    Duration rest = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    Duration limit = exec.timeout().filter(own -> own.compareTo(rest) < 0).orElse(rest);
    try {
      Execs.End done = services.execs().ask(id, exec.withTimeout(limit));
      return !done.timedOut() && done.code() == 0;
    } catch (ConflictException | NotFoundException notNow) { // the latter removes itself
      LOG.debug("container {} cannot be asked whether it is ready", id.shortHex(), notNow);
      return false;
    }
  }

  private NotReadyException ended(ContainerRecord record, Ready ready, ExitStatus exit) {
    List<String> lines = lastLines(record);
    String how = exit.isKnown() ? "with exit code " + exit.code() : "nobody knows how";
    return new NotReadyException(
        "container "
            + record.name()
            + " ended, "
            + how
            + ", before it was ready, that is, "
            + ready
            + lastLine(lines),
        exit.code(),
        lines);
  }

  private TimedOutException late(ContainerRecord record, Ready ready) {
    List<String> lines = lastLines(record);
    return new TimedOutException(
        "container "
            + record.name()
            + " was not ready in time: waited in vain for "
            + ready
            + lastLine(lines),
        lines);
  }

  private static String lastLine(List<String> lines) {
    return lines.isEmpty() ? "" : "; its last line is \"" + lines.get(lines.size() - 1) + "\"";
  }

  private List<String> lastLines(ContainerRecord record) {
    try {
      return StartFailures.lastLines(services.lookup().place(record).logs());
    } catch (RuntimeException unreadable) {
      LOG.debug("the last lines of container {} cannot be read", record.name(), unreadable);
      return List.of();
    }
  }
}

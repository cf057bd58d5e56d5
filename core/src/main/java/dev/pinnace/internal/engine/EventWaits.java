package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what only events tell of a container. Thread-safe. */
final class EventWaits {
  private static final Logger LOG = LoggerFactory.getLogger(EventWaits.class);

  /** Of a supervisor that was killed no event tells. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Events events;
  private final ContainerLookup lookup;
  private final States states;
  private final LiveContainers live;
  private final HealthChecks health;

  /** What a look at a container has shown; between two runs it is in none. */
  private record Look(boolean alive, Optional<Instant> run) {
    static Look of(ContainerState state) {
      boolean runs =
          state.status() == ContainerStatus.RUNNING || state.status() == ContainerStatus.PAUSED;
      return new Look(state.status().isAlive(), runs ? state.started() : Optional.empty());
    }

    /** Whether its run has ended by then, and another one may have begun. */
    boolean hasEnded(Look later) {
      return run.isPresent() && !run.equals(later.run);
    }
  }

  EventWaits(
      Events events,
      ContainerLookup lookup,
      States states,
      LiveContainers live,
      HealthChecks health) {
    this.events = events;
    this.lookup = lookup;
    this.states = states;
    this.live = live;
    this.health = health;
  }

  /**
   * The exit code of the next run that ends.
   *
   * @throws NotFoundException if it is removed before
   */
  int nextExit(ContainerId id, Duration limit, Calls calls) {
    try (EventFollower told = follow(id)) {
      ContainerRecord record = lookup.record(id);
      Look before = Look.of(states.of(record));
      long end = end(limit);
      while (true) {
        view(record);
        Optional<Event> event = told.next(pause(end));
        Look now = before;
        if (event.isEmpty()) {
          calls.ensureOpen();
          now = look(id, before);
          event = told.next(Duration.ZERO);
        }
        if (event.isPresent() && event.get().action() == Action.DIE) {
          return event.get().exitCode().orElse(ExitStatus.UNKNOWN);
        }
        record = lookup.record(id); // throws once it is removed
        if (event.isEmpty() && before.alive() && !now.alive()) {
          return states.exit(record).code();
        }
        if (event.isEmpty() && before.hasEnded(now)) { // on a full disk nobody tells
          return ExitStatus.UNKNOWN;
        }
        before = now;
        refuseLate(end, "the next end of container " + record.name());
      }
    }
  }

  /** Waits until it is removed: the exit code of its last run as far as it is known. */
  int removal(ContainerId id, Duration limit, Calls calls) {
    try (EventFollower told = follow(id)) {
      ContainerRecord record = lookup.record(id);
      int code =
          record.started() && !lookup.runs(record)
              ? states.exit(record).code()
              : ExitStatus.UNKNOWN;
      long end = end(limit);
      while (true) {
        view(record);
        Optional<Event> event = told.next(pause(end));
        if (event.isPresent() && event.get().action() == Action.DESTROY) {
          return code;
        }
        if (event.isPresent()) {
          code = event.get().exitCode().orElse(ExitStatus.UNKNOWN);
          continue;
        }
        calls.ensureOpen();
        if (isGone(id)) {
          return code;
        }
        refuseLate(end, "the removal of container " + record.name());
      }
    }
  }

  /** One that cannot be asked now goes on. */
  private Look look(ContainerId id, Look before) {
    try {
      return Look.of(states.of(lookup.record(id)));
    } catch (ConflictException | TimedOutException unanswered) {
      LOG.debug("container {} does not say whether it runs", id.shortHex(), unanswered);
      return before;
    }
  }

  /** Its health is looked after meanwhile, be it started by somebody else. */
  private void view(ContainerRecord record) {
    if (record.health().isEmpty()) {
      return;
    }
    try {
      live.find(record.id(), lookup.place(record))
          .ifPresent(running -> health.inView(record, running));
    } catch (ConflictException | TimedOutException unanswered) {
      LOG.debug("container {} is not in view", record.name(), unanswered);
    }
  }

  private EventFollower follow(ContainerId id) {
    return events.follow(EventFilter.all().container(id).action(Action.DIE).action(Action.DESTROY));
  }

  /** Whoever removes it may be killed before it is told. */
  private boolean isGone(ContainerId id) {
    try {
      ContainerRecord unused = lookup.record(id);
      return false;
    } catch (NotFoundException gone) {
      return true;
    }
  }

  private static long end(Duration limit) {
    return System.nanoTime() + Math.min(Waits.nanos(limit), Long.MAX_VALUE / 2);
  }

  private static Duration pause(long end) {
    Duration rest = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    return rest.compareTo(LOOK) < 0 ? rest : LOOK;
  }

  private static void refuseLate(long end, String what) {
    if (System.nanoTime() >= end) {
      throw new TimedOutException("waited in vain for " + what);
    }
  }
}

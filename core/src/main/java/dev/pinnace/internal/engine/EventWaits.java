package dev.pinnace.internal.engine;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event;
import dev.pinnace.event.Event.Action;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ExitStatus;
import java.time.Duration;
import java.util.Optional;

/** Waits for what only events tell of a container. Thread-safe. */
final class EventWaits {
  /** Of a supervisor that was killed no event tells. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final EventLog log;
  private final ContainerLookup lookup;
  private final States states;

  EventWaits(EventLog log, ContainerLookup lookup, States states) {
    this.log = log;
    this.lookup = lookup;
    this.states = states;
  }

  /**
   * The exit code of the next run that ends.
   *
   * @throws NotFoundException if it is removed before
   */
  int nextExit(ContainerId id, Duration limit, Calls calls) {
    try (EventFollower events = follow(id)) {
      ContainerRecord record = lookup.record(id);
      boolean ran = lookup.runs(record);
      long end = end(limit);
      while (true) {
        Optional<Event> event = events.next(pause(end));
        if (event.isPresent() && event.get().action() == Action.DIE) {
          return event.get().exitCode().orElse(ExitStatus.UNKNOWN);
        }
        calls.ensureOpen();
        record = lookup.record(id); // throws once it is removed
        boolean runs = lookup.runs(record);
        if (event.isEmpty() && ran && !runs && events.next(Duration.ZERO).isEmpty()) {
          return states.exit(record).code();
        }
        ran |= runs;
        refuseLate(end, "the next end of container " + record.name());
      }
    }
  }

  /** Waits until it is removed: the exit code of its last run as far as it is known. */
  int removal(ContainerId id, Duration limit, Calls calls) {
    try (EventFollower events = follow(id)) {
      ContainerRecord record = lookup.record(id);
      int code =
          record.started() && !lookup.runs(record)
              ? states.exit(record).code()
              : ExitStatus.UNKNOWN;
      long end = end(limit);
      while (true) {
        Optional<Event> event = events.next(pause(end));
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

  private EventFollower follow(ContainerId id) {
    return EventFollower.of(
        log, EventFilter.all().container(id).action(Action.DIE).action(Action.DESTROY));
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

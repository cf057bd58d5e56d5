package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers are made to end, and how long that is waited for. */
final class Endings {
  private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
  private static final Duration CLEAN_UP = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofNanos(500_000);

  private Endings() {}

  /**
   * Waits until the supervisor of a container that has ended has let go of its lock.
   *
   * @throws CancelledException when interrupted; the flag stays set
   */
  static void awaitRelease(IsolationBackend isolation, ContainerPlace place) {
    long end = System.nanoTime() + CLEAN_UP.toNanos();
    while (isolation.isAlive(place)) {
      if (System.nanoTime() > end) {
        throw new TimedOutException(
            "the supervisor of container "
                + place.id()
                + " did not end within "
                + CLEAN_UP.toSeconds()
                + " s");
      }
      Waits.pause(PAUSE, "the supervisor of container " + place.id() + " to end");
    }
  }

  /**
   * Sends a signal; a container that is just being started again gets it once it can.
   *
   * @throws ConflictException if it does not run
   */
  static void signal(RunningContainer container, Signal signal) {
    boolean missed = false;
    while (true) {
      try {
        container.signal(signal);
        return;
      } catch (ConflictException e) {
        switch (container.status().phase()) {
          case STARTING ->
              Waits.pause(PAUSE, "container " + container.place().id() + " to be started again");
          // It was between two runs when the signal came.
          case RUNNING, PAUSED -> {
            if (missed) {
              throw e;
            }
            missed = true;
          }
          default -> throw e;
        }
      }
    }
  }

  static void end(RunningContainer container, String name) {
    if (!container.exit().isDone()) {
      askToStop(container, name, Optional.of(Signal.KILL), Optional.of(Duration.ZERO));
    }
    Waits.await(container.gone(), CLEAN_UP, "the end of container " + name);
  }

  /**
   * Has a container killed whose caller gives up, without waiting for it: one that has ended
   * meanwhile, or cannot be asked, does not change why.
   *
   * @param reason of the caller, whose thread is interrupted still; what fails is added to it
   * @return the reason
   */
  static CancelledException killed(RunningContainer container, CancelledException reason) {
    try {
      container.stop(Optional.of(Signal.KILL), Optional.of(Duration.ZERO));
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
    return reason;
  }

  /** That a container has ended already is fine; that it cannot be asked is not. */
  static void askToStop(
      RunningContainer container, String name, Optional<Signal> signal, Optional<Duration> grace) {
    try {
      container.stop(signal, grace);
    } catch (ConflictException e) {
      if (!container.exit().isDone()) {
        throw e;
      }
      LOG.debug("container {} ended by itself", name);
    }
  }

  /**
   * Ends the containers that are bound to an engine, all at once.
   *
   * @param grace how long each has between its stop signal and SIGKILL
   */
  static void stopAll(LiveContainers live, Function<ContainerId, Duration> grace) {
    Map<ContainerId, Duration> graces =
        live.bound().stream().collect(Collectors.toMap(id -> id, grace));
    graces.forEach((id, own) -> live.connected(id).ifPresent(c -> beginStop(c, own)));
    graces.forEach((id, own) -> live.connected(id).ifPresent(c -> awaitEnd(c, own)));
  }

  private static void beginStop(RunningContainer container, Duration grace) {
    try {
      container.stop(Optional.empty(), Optional.of(grace));
    } catch (ConflictException e) {
      LOG.debug("container {} ended by itself", container.place().id(), e);
    } catch (RuntimeException e) {
      if (container.gone().isDone()) {
        LOG.debug("container {} ended while it was asked to stop", container.place().id(), e);
      } else {
        LOG.warn("container {} was not asked to stop: {}", container.place().id(), e.getMessage());
        LOG.debug("the cause", e);
      }
    }
  }

  private static void awaitEnd(RunningContainer container, Duration grace) {
    String id = container.place().id();
    try {
      Waits.await(container.gone(), grace.plus(CLEAN_UP), "container " + id + " to end");
    } catch (PinnaceException e) {
      LOG.warn("closing did not wait for container {}: {}", id, e.getMessage());
      LOG.debug("the cause", e);
    }
  }
}

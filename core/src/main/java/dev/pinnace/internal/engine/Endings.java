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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How containers are made to end, and how long that is waited for. */
final class Endings {
  private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
  private static final Duration CLEAN_UP = Duration.ofSeconds(20);

  /** How long a supervisor may take to answer, and after SIGKILL to end, when an engine closes. */
  private static final Duration TO_ANSWER = Duration.ofSeconds(5);

  private static final Duration LAST_END = Duration.ofSeconds(10);
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
   * Ends the containers that are bound to an engine, all at once. One whose supervisor does not
   * answer is not waited for: it ends with the engine, as soon as it can.
   *
   * @param threads on which they are asked
   * @param grace how long each has between its stop signal and SIGKILL
   */
  static void stopAll(
      LiveContainers live, ExecutorService threads, Function<ContainerId, Duration> grace) {
    Map<RunningContainer, Duration> graces = new HashMap<>();
    for (ContainerId id : live.bound()) {
      live.connected(id).ifPresent(container -> graces.put(container, grace.apply(id)));
    }
    if (graces.isEmpty()) {
      return;
    }
    List<RunningContainer> containers = List.copyOf(graces.keySet());
    RollCall<RunningContainer, Boolean> asking =
        new RollCall<>(
            threads, c -> beginStop(c, graces.getOrDefault(c, Duration.ZERO)), Endings::silent);
    List<Boolean> heard;
    try {
      heard = asking.answers(containers, TO_ANSWER);
    } catch (CancelledException e) {
      LOG.warn("closing did not wait for containers: {}", e.getMessage());
      return;
    }
    long end = System.nanoTime() + Waits.nanos(Collections.max(graces.values()).plus(LAST_END));
    for (int i = 0; i < containers.size(); i++) {
      if (heard.get(i)) {
        awaitEnd(containers.get(i), end);
      }
    }
  }

  private static boolean silent(RunningContainer container) {
    LOG.warn(
        "container {} was not asked to stop: its supervisor does not answer; it ends with the"
            + " engine, once its supervisor goes on",
        container.place().id());
    return false;
  }

  private static boolean beginStop(RunningContainer container, Duration grace) {
    try {
      container.stop(Optional.empty(), Optional.of(grace));
    } catch (ConflictException e) {
      LOG.debug("container {} ended by itself", container.place().id(), e);
    } catch (CancelledException e) {
      LOG.debug("container {} is not waited for any longer", container.place().id(), e);
    } catch (RuntimeException e) {
      if (container.gone().isDone()) {
        LOG.debug("container {} ended while it was asked to stop", container.place().id(), e);
      } else {
        LOG.warn("container {} was not asked to stop: {}", container.place().id(), e.getMessage());
        LOG.debug("the cause", e);
      }
    }
    return true;
  }

  private static void awaitEnd(RunningContainer container, long end) {
    String id = container.place().id();
    Duration left = Duration.ofNanos(end - System.nanoTime());
    try {
      Waits.await(container.gone(), left, "container " + id + " to end");
    } catch (PinnaceException e) {
      LOG.warn("closing did not wait for container {}: {}", id, e.getMessage());
      LOG.debug("the cause", e);
    }
  }
}

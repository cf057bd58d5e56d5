package dev.pinnace.internal.engine;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotReadyException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ReadySpec;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.List;
import java.util.Optional;

/**
 * Starts containers and waits until they are ready, if their specification says for what; one that
 * is not is removed. Thread-safe.
 */
final class ReadyStarts {
  private final Services services;

  ReadyStarts(Services services) {
    this.services = services;
  }

  /**
   * What a call that waits for nothing makes of a specification that says what to wait for.
   *
   * @throws InvalidSpecException with what to do
   */
  static ContainerSpec refuseReady(ContainerSpec spec, String call, String instead) {
    if (spec.ready().isPresent()) {
      throw new InvalidSpecException(
          call + " waits for nothing, so it cannot wait until the container is ready: " + instead);
    }
    return spec;
  }

  /**
   * Makes and starts one.
   *
   * @param scoped whether it is removed on request only
   */
  ContainerRecord start(ContainerSpec spec, boolean scoped) {
    if (spec.ready().isEmpty()) {
      return services.lifecycle().start(spec, scoped);
    }
    // Until it is ready nobody else removes it: its last lines are to be read.
    ContainerRecord record = services.lifecycle().start(spec, true);
    try {
      await(record, spec.ready().get());
    } catch (RuntimeException | Error e) {
      Closing.undo(
          e, () -> Waits.undisturbed(() -> services.removals().remove(record.id(), true, true)));
      throw e;
    }
    if (!scoped) {
      hasItsOwnEnd(record);
    }
    return record;
  }

  /** From now on it is removed at its end, if it is to be; that may have come already. */
  private void hasItsOwnEnd(ContainerRecord record) {
    Optional<RunningContainer> running = services.live().connected(record.id());
    services.removals().endScope(record.id());
    if (running.isPresent()) {
      services.removals().atEnd(record, running.get());
    } else if (record.spec().lifecycle().autoRemove()) {
      services.removals().later(record.id());
    }
  }

  private void await(ContainerRecord record, ReadySpec ready) {
    try {
      new Readiness(services, record.id()).await(ready.condition(), ready.limit());
    } catch (NotReadyException ended) {
      throw failure(ready, ended, ended.lastLogs());
    } catch (TimedOutException late) {
      throw failure(ready, late, late.lastLogs());
    }
  }

  private static StartFailedException failure(
      ReadySpec ready, PinnaceException cause, List<String> lines) {
    StartFailedException failure =
        new StartFailedException(
            cause.getMessage() + "; it is removed", "wait for " + ready.condition(), 0, lines);
    failure.initCause(cause);
    return failure;
  }
}

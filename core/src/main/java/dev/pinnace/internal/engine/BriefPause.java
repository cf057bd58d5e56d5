package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunningContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pause that is not the user's: it ends with what it is made for, or with the next engine that
 * opens if this process is killed before.
 */
interface BriefPause extends AutoCloseable {
  /** None. */
  BriefPause NONE = () -> {};

  @Override
  void close();

  /** Pauses a container, unless it is paused. */
  static BriefPause of(ContainerStore store, ContainerRecord record, RunningContainer running) {
    return of(store, record, running, "a commit", "commit it without a pause, or stop it first");
  }

  /**
   * The same.
   *
   * @param purpose what it is for, in messages
   * @param otherwise what to do where containers cannot be paused
   */
  static BriefPause of(
      ContainerStore store,
      ContainerRecord record,
      RunningContainer running,
      String purpose,
      String otherwise) {
    if (isPaused(running)) {
      return NONE;
    }
    LockFile mark = store.beginPause(record.id());
    Runnable unmark =
        () -> {
          try (mark) {
            store.endPause(record.id());
          }
        };
    try {
      running.freeze(true);
    } catch (UnsupportedException refusal) {
      unmark.run();
      throw new UnsupportedException(
          purpose + " of the running container " + record.name() + " that pauses it",
          String.valueOf(refusal.getMessage()),
          otherwise);
    } catch (RuntimeException | Error failure) {
      unmark.run();
      throw failure;
    }
    return () -> Waits.undisturbed(() -> end(record, running, unmark)); // also when interrupted
  }

  private static void end(ContainerRecord record, RunningContainer running, Runnable unmark) {
    try {
      running.freeze(false);
    } catch (ConflictException ended) {
      Logger log = LoggerFactory.getLogger(BriefPause.class);
      log.debug("container {} ended while it was paused", record.name(), ended);
    }
    unmark.run();
  }

  /** Ends the pause of a process that was killed. */
  static void endLeft(
      ContainerStore store, LiveContainers live, ContainerId id, ContainerPlace place) {
    if (store.isPauseLeft(id)) {
      boolean unused =
          live.ask(
                  id,
                  place,
                  container -> {
                    if (isPaused(container)) {
                      container.freeze(false);
                    }
                    return true;
                  })
              .isPresent();
      store.endPause(id);
    }
  }

  private static boolean isPaused(RunningContainer container) {
    return container.status().phase() == RunningContainer.Phase.PAUSED;
  }
}

package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.container.Resources;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Optional;

/** Changes what containers were made with, under their locks. Thread-safe. */
final class Updates {
  private final Parts parts;
  private final LiveContainers live;
  private final ContainerLookup lookup;

  Updates(Parts parts, LiveContainers live, ContainerLookup lookup) {
    this.parts = parts;
    this.live = live;
    this.lookup = lookup;
  }

  /** Limits a container anew: in the kernel first, so that what it refuses is not recorded. */
  void limit(ContainerId id, Limits limits) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      RuntimeConfig.Resources before = record.config().linux().resources();
      RuntimeConfig.Resources wanted = Resources.of(limits, before.cgroupDevices());
      parts.isolation().checkLimits(wanted);
      Optional<RunningContainer> running =
          live.find(id, lookup.place(record)).filter(container -> !container.exit().isDone());
      running.ifPresent(container -> limit(container, wanted, wanted.equals(before)));
      try {
        FaultPoints.reached("limited");
        parts.store().write(record.limited(limits, wanted));
      } catch (RuntimeException | Error e) {
        Closing.undo(e, () -> Waits.undisturbed(() -> takeBack(record, wanted, running)));
        throw e;
      }
    }
  }

  /** Gives it another restart policy: its supervisor first, so that none is recorded in vain. */
  void restartBy(ContainerId id, RestartPolicy policy) {
    try (LockFile lock = parts.store().lock(id)) {
      ContainerRecord record = lookup.record(id);
      if (record.spec().lifecycle().autoRemove() && policy.kind() != RestartPolicy.Kind.NO) {
        throw new ConflictException(
            "container "
                + record.name()
                + " is removed at its end, so nothing can start it again: its restart policy"
                + " stays \"no\"");
      }
      Optional<RunningContainer> running =
          live.find(id, lookup.place(record)).filter(container -> !container.exit().isDone());
      running.ifPresent(container -> container.restartBy(policy));
      try {
        parts.store().write(record.restarted(policy));
      } catch (RuntimeException | Error e) {
        RestartPolicy before = record.spec().lifecycle().restart();
        Closing.undo(
            e,
            () ->
                Waits.undisturbed(
                    () -> running.ifPresent(container -> container.restartBy(before))));
        throw e;
      }
    }
  }

  /** The record, too: it may have been written, and not be safe on the disk. */
  private void takeBack(
      ContainerRecord record, RuntimeConfig.Resources wanted, Optional<RunningContainer> running) {
    RuntimeConfig.Resources before = record.config().linux().resources();
    Closing steps = new Closing();
    steps.step(
        () -> running.ifPresent(container -> limit(container, before, before.equals(wanted))));
    steps.step(() -> parts.store().write(record));
    steps.end();
  }

  /** The kernel may have others than the record: a JVM may have been killed between the two. */
  private static void limit(
      RunningContainer container, RuntimeConfig.Resources wanted, boolean isRecorded) {
    try {
      container.limit(wanted);
    } catch (UnsupportedException withoutCgroup) {
      if (!isRecorded) {
        throw withoutCgroup;
      }
    }
  }
}

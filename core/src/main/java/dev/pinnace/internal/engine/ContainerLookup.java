package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Optional;

/** Finds what there is of a container: its record, its place, its connection. Thread-safe. */
final class ContainerLookup {
  private final Parts parts;
  private final LiveContainers live;

  ContainerLookup(Parts parts, LiveContainers live) {
    this.parts = parts;
    this.live = live;
  }

  /**
   * What is recorded of it.
   *
   * @throws NotFoundException if there is no such container
   */
  ContainerRecord record(ContainerId id) {
    return find(id)
        .orElseThrow(() -> new NotFoundException("there is no container " + id.shortHex()));
  }

  /** The same; empty if there is no such container. */
  Optional<ContainerRecord> find(ContainerId id) {
    return parts.store().read(id);
  }

  /**
   * The same, from memory while this engine is connected to the container: what it runs with does
   * not change before its end, its limits and networks apart, and one that is removed has ended.
   */
  ContainerRecord recordOfRunning(ContainerId id) {
    return live.connected(id)
        .filter(container -> !container.exit().isDone())
        .flatMap(container -> parts.store().remembered(id))
        .orElseGet(() -> record(id));
  }

  ContainerPlace place(ContainerRecord record) {
    return parts.store().place(record.id(), !record.spec().lifecycle().autoRemove());
  }

  /** The connection to a container that runs. */
  RunningContainer running(ContainerId id) {
    return running(record(id));
  }

  RunningContainer running(ContainerRecord record) {
    return live.find(record.id(), place(record))
        .filter(c -> !c.exit().isDone())
        .orElseThrow(() -> new ConflictException("container " + record.name() + " does not run"));
  }

  /**
   * Whether it runs. That its lock is held does not tell: somebody may be asking, or a process that
   * a thread of this JVM has forked may not have reached its execve.
   */
  boolean runs(ContainerRecord record) {
    if (!parts.isolation().isAlive(place(record))) {
      return false;
    }
    return live.ask(record.id(), place(record), RunningContainer::status)
        .filter(status -> status.phase() != RunningContainer.Phase.EXITED)
        .isPresent();
  }
}

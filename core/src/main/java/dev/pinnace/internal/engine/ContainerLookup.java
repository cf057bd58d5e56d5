package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what there is of a container: its record, its place, its connection. Thread-safe. */
final class ContainerLookup {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

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
    return parts
        .store()
        .read(id)
        .orElseThrow(() -> new NotFoundException("there is no container " + id.shortHex()));
  }

  /**
   * The id of the container of that name, or whose id begins so.
   *
   * @throws ConflictException if several do
   */
  Optional<ContainerId> find(String nameOrIdPrefix) {
    ContainerStore store = parts.store();
    if (NAME.matcher(nameOrIdPrefix).matches()) {
      Optional<ContainerId> named = store.names().find(nameOrIdPrefix).filter(store::isRecorded);
      if (named.isPresent()) {
        return named;
      }
    }
    if (!nameOrIdPrefix.matches("[0-9a-f]{1,64}")) {
      return Optional.empty();
    }
    List<ContainerId> fitting =
        store.ids().stream()
            .filter(id -> id.hex().startsWith(nameOrIdPrefix))
            .filter(store::isRecorded)
            .toList();
    if (fitting.size() > 1) {
      throw new ConflictException(
          "\""
              + nameOrIdPrefix
              + "\" fits "
              + fitting.size()
              + " containers: "
              + fitting.stream().map(ContainerId::shortHex).toList());
    }
    return fitting.stream().findFirst();
  }

  /**
   * The same, from memory while this engine is connected to the container: what it runs with does
   * not change before its end, its limits apart, and one that is removed has ended.
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

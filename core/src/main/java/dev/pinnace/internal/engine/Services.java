package dev.pinnace.internal.engine;

import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * What handles work through. Thread-safe.
 *
 * @param closed set when the engine closes: from then on handles are refused
 */
record Services(
    Parts parts,
    LiveContainers live,
    Creation creation,
    ContainerLookup lookup,
    ContainerRemovals removals,
    Lifecycle lifecycle,
    States states,
    Execs execs,
    ContainerFiles files,
    Tasks tasks,
    Pulls pulls,
    AtomicBoolean closed) {
  static Services of(Parts parts) {
    LiveContainers live = new LiveContainers(parts.isolation());
    Tasks tasks = new Tasks(parts.work());
    Pulls pulls = new Pulls(parts, tasks);
    Creation creation = new Creation(parts, pulls);
    ContainerLookup lookup = new ContainerLookup(parts, live);
    ContainerRemovals removals = new ContainerRemovals(parts, live, lookup);
    return new Services(
        parts,
        live,
        creation,
        lookup,
        removals,
        new Lifecycle(parts, live, creation, lookup, removals),
        new States(parts, live, lookup),
        new Execs(parts, lookup),
        new ContainerFiles(parts, live, lookup),
        tasks,
        pulls,
        new AtomicBoolean());
  }

  /**
   * Refuses use after the engine was closed.
   *
   * @throws IllegalStateException then
   */
  void ensureOpen() {
    if (closed.get()) {
      throw new IllegalStateException(WorkThreads.message(parts.layout().root()));
    }
  }

  /**
   * What a question gives that changes nothing. Whatever it fails with because the engine is closed
   * meanwhile, it is refused like one that comes after that.
   *
   * @throws IllegalStateException if the engine was closed, before or meanwhile
   */
  <T> T answer(Function<Services, T> question) {
    ensureOpen();
    try {
      return question.apply(this);
    } catch (RuntimeException e) {
      if (closed.get() && !Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException(WorkThreads.message(parts.layout().root()), e);
      }
      throw e;
    }
  }

  /** These, unless the engine was closed. */
  Services open() {
    ensureOpen();
    return this;
  }

  /** The connection to a container; empty if it does not run. */
  Optional<RunningContainer> connection(ContainerId id) {
    ensureOpen();
    ContainerRecord record = lookup.record(id);
    return live.find(id, lookup.place(record));
  }
}

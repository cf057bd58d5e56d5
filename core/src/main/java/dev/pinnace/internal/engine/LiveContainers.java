package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Connections to containers that run, kept as long as they run once they are used; and which of
 * them are bound to this engine. Thread-safe.
 */
final class LiveContainers {
  private static final int REMEMBERED = 10_000;

  private final IsolationBackend isolation;
  private final Map<ContainerId, RunningContainer> connected = new ConcurrentHashMap<>();
  private final Map<ContainerId, Optional<ExitRecord>> ended =
      Collections.synchronizedMap(new Latest());
  private final Set<ContainerId> bound = ConcurrentHashMap.newKeySet();

  /** The last ones only: an engine may see millions of containers end. */
  private static final class Latest extends LinkedHashMap<ContainerId, Optional<ExitRecord>> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<ContainerId, Optional<ExitRecord>> eldest) {
      return size() > REMEMBERED;
    }
  }

  LiveContainers(IsolationBackend isolation) {
    this.isolation = isolation;
  }

  /** Keeps the connection to a container that was just started. */
  void started(ContainerId id, RunningContainer container, boolean isBound) {
    connected.compute(
        id,
        (key, earlier) -> {
          if (isBound) {
            bound.add(id);
          }
          return container;
        });
    forgetAtEnd(id, container);
  }

  private void forgetAtEnd(ContainerId id, RunningContainer container) {
    CompletionStage<?> unused =
        container
            .gone()
            .thenRun(
                () -> {
                  remember(id, container);
                  connected.computeIfPresent(
                      id,
                      (key, current) -> {
                        if (current == container) {
                          bound.remove(id);
                          return null;
                        }
                        return current;
                      });
                  container.close();
                });
  }

  /** A damaged record leaves the container to its files. */
  private void remember(ContainerId id, RunningContainer container) {
    if (!container.exit().isCompletedExceptionally()) {
      ended.put(id, container.exit().getNow(Optional.empty()));
    }
  }

  /** The connection to a container; empty if it does not run. */
  Optional<RunningContainer> find(ContainerId id, ContainerPlace place) {
    RunningContainer known = connected.get(id);
    if (known != null && isCurrent(known)) {
      return Optional.of(known);
    }
    return isolation.adopt(place).map(container -> keep(id, container));
  }

  /**
   * Asks a container something. A connection is made for it where there is none, and not kept:
   * whoever only looks must not take a place from those who use the container.
   *
   * @return empty if it does not run
   * @throws ConflictException if it runs and cannot be reached
   */
  <T> Optional<T> ask(
      ContainerId id, ContainerPlace place, Function<RunningContainer, T> question) {
    RunningContainer known = connected.get(id);
    if (known != null && isCurrent(known)) {
      return answer(known, question);
    }
    Optional<RunningContainer> borrowed = isolation.adopt(place);
    if (borrowed.isEmpty()) {
      return Optional.empty();
    }
    try (RunningContainer container = borrowed.get()) {
      return answer(container, question);
    }
  }

  private static <T> Optional<T> answer(
      RunningContainer container, Function<RunningContainer, T> question) {
    try {
      T answer = question.apply(container);
      return container.exit().isDone() ? Optional.empty() : Optional.of(answer);
    } catch (ConflictException e) {
      if (container.exit().isDone()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean isCurrent(RunningContainer container) {
    return !container.gone().isDone() && !container.exit().isDone();
  }

  /** Of two threads that adopt a container at once both get the first one's connection. */
  private RunningContainer keep(ContainerId id, RunningContainer adopted) {
    RunningContainer kept =
        connected.compute(id, (key, known) -> known != null && isCurrent(known) ? known : adopted);
    if (kept == adopted) {
      forgetAtEnd(id, adopted);
    } else {
      adopted.close();
    }
    return kept;
  }

  /** How a container ended that this engine was connected to, be it removed since. */
  Optional<Optional<ExitRecord>> ended(ContainerId id) {
    return Optional.ofNullable(ended.get(id));
  }

  /** Those bound to this engine that still run. */
  Set<ContainerId> bound() {
    return Set.copyOf(bound);
  }

  /** The connection if there is one. */
  Optional<RunningContainer> connected(ContainerId id) {
    return Optional.ofNullable(connected.get(id));
  }

  /** Ends every connection; the containers go on. */
  void close() {
    connected.values().forEach(RunningContainer::close);
    connected.clear();
  }
}

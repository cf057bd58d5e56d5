package dev.pinnace.internal.engine;

import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/** Containers that are removed in the background once they have ended. Thread-safe. */
final class EndRemovals {
  private final Executor threads;
  private final Map<ContainerId, Removal> pending = new ConcurrentHashMap<>();

  EndRemovals(Executor threads) {
    this.threads = threads;
  }

  private record Removal(CompletableFuture<?> exit, CompletableFuture<?> done, boolean bound) {}

  /**
   * Has a container removed when it is gone.
   *
   * @param container empty if it is gone already
   * @param bound whether its engine waits for that when it closes
   */
  void add(ContainerId id, Optional<RunningContainer> container, boolean bound, Runnable removal) {
    CompletableFuture<Void> nothing = CompletableFuture.completedFuture(null);
    CompletableFuture<?> exit =
        container.<CompletableFuture<?>>map(RunningContainer::exit).orElse(nothing);
    CompletableFuture<Void> done =
        container.map(RunningContainer::gone).orElse(nothing).thenRunAsync(removal, threads);
    Removal pendingRemoval = new Removal(exit, done, bound);
    pending.put(id, pendingRemoval);
    CompletionStage<?> unused =
        done.whenComplete((result, failure) -> pending.remove(id, pendingRemoval));
  }

  /** Waits until those bound to this engine are removed: whether they are. */
  boolean finishBound(Duration limit) {
    return finish(Removal::bound, limit);
  }

  /** Waits until those that have ended are removed, so that they use nothing any more. */
  boolean finishEnded(Duration limit) {
    return finish(removal -> removal.exit().isDone(), limit);
  }

  private boolean finish(Predicate<Removal> which, Duration limit) {
    return Waits.settle(
        CompletableFuture.allOf(
            pending.values().stream()
                .filter(which)
                .map(Removal::done)
                .toArray(CompletableFuture<?>[]::new)),
        limit);
  }
}

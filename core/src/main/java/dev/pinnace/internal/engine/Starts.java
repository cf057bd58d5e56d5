package dev.pinnace.internal.engine;

import dev.pinnace.internal.waiting.Waits;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The makings and starts of containers that are under way. An engine that closes calls them off: a
 * program that has not begun does not begin, and whoever starts it undoes what was made. One that
 * is further on than that starts, and is then ended like the others, or goes on. Thread-safe.
 */
final class Starts {
  private final Calls calls;
  private final Set<Start> underWay = ConcurrentHashMap.newKeySet();

  Starts(Calls calls) {
    this.calls = calls;
  }

  /** One of them, from its first step until it has started or is undone. */
  final class Start implements AutoCloseable {
    private final CompletableFuture<Void> gate = new CompletableFuture<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    /**
     * What the program waits for.
     *
     * @param recorded of the container's state
     * @return completes as {@code recorded} does, unless the start is called off before
     */
    CompletableFuture<Void> after(CompletionStage<Void> recorded) {
      CompletionStage<?> unused =
          recorded.whenComplete(
              (written, failure) -> {
                if (failure == null) {
                  gate.complete(null);
                } else {
                  gate.completeExceptionally(failure);
                }
              });
      return gate;
    }

    /**
     * Does not go on with what was called off.
     *
     * @throws IllegalStateException then: the engine is closed
     */
    void ensureWanted() {
      if (gate.isCompletedExceptionally()) {
        throw calls.refusal(null);
      }
    }

    private void callOff() {
      gate.completeExceptionally(calls.refusal(null));
    }

    /** It has started: what ends it now ends all that run. */
    void succeeded() {
      underWay.remove(this);
      over.complete(null);
    }

    /** It has started, or nothing of it is left. */
    @Override
    public void close() {
      succeeded();
    }
  }

  /** Begins one. */
  Start begin() {
    Start start = new Start();
    underWay.add(start);
    if (calls.areClosed()) { // it may have come too late to be called off with the others
      start.callOff();
    }
    return start;
  }

  /** Calls off those under way, once the calls are closed: then one that still begins is too. */
  void callOff() {
    underWay.forEach(Start::callOff);
  }

  /** Waits until each of them has started or is undone: whether they all are. */
  boolean settle(Duration limit) {
    return Waits.settle(
        CompletableFuture.allOf(
            underWay.stream().map(start -> start.over).toArray(CompletableFuture<?>[]::new)),
        limit);
  }
}

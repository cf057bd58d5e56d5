package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.waiting.Waits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The calls of an engine's API that are under way. Once the engine closes, a further call is
 * refused, and one that fails because what it works with is closed under it ends in the same way.
 * Thread-safe.
 */
final class Calls {
  private final Path root;
  private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Calls of the engine on {@code root}. */
  Calls(Path root) {
    this.root = root;
  }

  private static final class Call {
    private final Thread thread = Thread.currentThread();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
  }

  /**
   * What {@code work} gives; see {@link ApiCalls}.
   *
   * @throws IllegalStateException if the engine is closed, before or meanwhile; what the call
   *     failed with is its cause
   */
  <T> T of(Supplier<T> work) {
    return of(work, e -> mayComeOfClosing(e) ? refusal(e) : e);
  }

  /**
   * The same for a call that waits for something of a container, which goes on.
   *
   * @throws IllegalStateException if the engine is closed
   * @throws CancelledException if it is closed meanwhile
   */
  <T> T waiting(Supplier<T> work) {
    ensureOpen();
    return of(work, this::cancelled);
  }

  private RuntimeException cancelled(RuntimeException e) {
    boolean another = !(e instanceof CancelledException) && (isRefusal(e) || mayComeOfClosing(e));
    return another ? new CancelledException(message(), e) : e;
  }

  private <T> T of(Supplier<T> work, UnaryOperator<RuntimeException> inClosing) {
    Call call = new Call();
    underWay.add(call);
    try {
      ensureOpen();
      return ApiCalls.of(work);
    } catch (RuntimeException e) {
      throw closed ? inClosing.apply(e) : e;
    } finally {
      underWay.remove(call);
      call.over.complete(null);
    }
  }

  /** The same for work that gives nothing. */
  void of(Runnable work) {
    Boolean unused =
        of(
            () -> {
              work.run();
              return true;
            });
  }

  private boolean mayComeOfClosing(RuntimeException e) {
    boolean interrupted = e instanceof CancelledException && Thread.currentThread().isInterrupted();
    return !interrupted
        && !isRefusal(e)
        && !(e instanceof InvalidSpecException)
        && !(e instanceof NotFoundException);
  }

  /** A call within the one that ends may have been refused. */
  private boolean isRefusal(RuntimeException e) {
    return e instanceof IllegalStateException && message().equals(e.getMessage());
  }

  /** What a call ends with that came too late, or that closing has cut short. */
  IllegalStateException refusal(@Nullable Throwable cause) {
    return new IllegalStateException(message(), cause);
  }

  private String message() {
    return "the engine on " + root + " is closed";
  }

  /**
   * Refuses use after the engine was closed.
   *
   * @throws IllegalStateException then
   */
  void ensureOpen() {
    if (closed) {
      throw refusal(null);
    }
  }

  /** Whether the engine was closed, or is being closed. */
  boolean areClosed() {
    return closed;
  }

  /** Refuses calls from now on: whether this is the first time. */
  synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Waits until the calls of other threads are over: whether they are. */
  boolean settle(Duration limit) {
    return Waits.settle(
        CompletableFuture.allOf(
            underWay.stream()
                .filter(call -> call.thread != Thread.currentThread())
                .map(call -> call.over)
                .toArray(CompletableFuture<?>[]::new)),
        limit);
  }
}

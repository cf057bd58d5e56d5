package dev.pinnace.internal.engine;

import dev.pinnace.Task;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The long work that an engine does; what still runs when it closes is cancelled. Thread-safe. */
final class Tasks {
  private final Executor threads;
  private final Set<EngineTask<?>> running = ConcurrentHashMap.newKeySet();
  private boolean closed;

  Tasks(Executor threads) {
    this.threads = threads;
  }

  /**
   * Begins work.
   *
   * @param what it is, for messages: "the pull of busybox"
   * @throws IllegalStateException if the engine closes
   */
  <T> Task<T> start(String what, Supplier<T> work) {
    EngineTask<T> task = new EngineTask<>(what, work);
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the engine is closed: cannot begin " + what);
      }
      running.add(task);
    }
    threads.execute(
        () -> {
          try {
            task.run();
          } finally {
            running.remove(task);
          }
        });
    return task;
  }

  /** Cancels what runs, all at once, and waits for it. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    List<EngineTask<?>> left = List.copyOf(running);
    left.forEach(EngineTask::interrupt);
    left.forEach(EngineTask::cancel);
  }
}

package dev.pinnace.internal.engine;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which an engine works: as many as there is work, and gone a minute after it. */
final class WorkThreads {
  private WorkThreads() {}

  /**
   * Daemons without a context class loader.
   *
   * @param key of the engine, which is in their names
   */
  static ExecutorService of(String key) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        task -> {
          Thread thread = new Thread(task, "pinnace-work-" + key + "-" + number.incrementAndGet());
          thread.setDaemon(true);
          thread.setContextClassLoader(null);
          return thread;
        };
    return Executors.newCachedThreadPool(threads);
  }
}

package dev.pinnace.internal.engine;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which an engine works: as many as there is work, and gone a minute after it. */
final class WorkThreads {
  private WorkThreads() {}

  private static final class Worker extends Thread {
    private final ThreadFactory source;

    Worker(Runnable task, String name, ThreadFactory source) {
      super(task, name);
      this.source = source;
    }
  }

  /**
   * Daemons without a context class loader.
   *
   * @param key of the engine, which is in their names
   */
  static ExecutorService of(String key) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        new ThreadFactory() {
          @Override
          public Thread newThread(Runnable task) {
            String name = "pinnace-work-" + key + "-" + number.incrementAndGet();
            Thread thread = new Worker(task, name, this);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
          }
        };
    return Executors.newCachedThreadPool(threads);
  }

  /** Whether the caller's thread is one of them. */
  static boolean areCaller(ExecutorService threads) {
    return Thread.currentThread() instanceof Worker worker
        && threads instanceof ThreadPoolExecutor pool
        && worker.source == pool.getThreadFactory();
  }
}

package dev.pinnace.internal.engine;

import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which an engine works: as many as there is work, and gone a minute after it. */
final class WorkThreads {
  private static final long IDLE_SECONDS = 60;

  private WorkThreads() {}

  /**
   * What is to be done comes too late: the engine has closed in between. Calls of the API say so.
   */
  static final class Closed extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    Closed(Path root) {
      super(message(root));
    }
  }

  /** What every call says that is made of an engine that was closed. */
  static String message(Path root) {
    return "the engine on " + root + " is closed";
  }

  /**
   * Daemons without a context class loader; once they are shut down, work is refused with {@link
   * Closed}.
   *
   * @param key of the engine, which is in their names
   */
  static ExecutorService of(String key, Path root) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        task -> {
          Thread thread = new Thread(task, "pinnace-work-" + key + "-" + number.incrementAndGet());
          thread.setDaemon(true);
          thread.setContextClassLoader(null);
          return thread;
        };
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        threads,
        (task, pool) -> {
          throw new Closed(root);
        });
  }
}

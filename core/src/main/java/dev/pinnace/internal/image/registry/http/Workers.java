package dev.pinnace.internal.image.registry.http;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which clients do their work; each ends a moment after it was needed. */
final class Workers implements Executor, AutoCloseable {
  private static final long IDLE_MS = 2000;

  private final AtomicInteger number = new AtomicInteger();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_MS,
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          this::make);

  private Thread make(Runnable work) {
    String name = "pinnace-registry-" + number.incrementAndGet();
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  @Override
  public void execute(Runnable work) {
    threads.execute(work);
  }

  /**
   * Ends a client and its connections where the JDK can (since 21). Before, both end when the
   * garbage collector finds that nobody holds the client.
   */
  static void end(HttpClient client) {
    try {
      Method shutdownNow = HttpClient.class.getMethod("shutdownNow");
      shutdownNow.invoke(client);
    } catch (NoSuchMethodException older) {
      // The garbage collector does it.
    } catch (IllegalAccessException | InvocationTargetException impossible) {
      throw new IllegalStateException("cannot end a client of java.net.http", impossible);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

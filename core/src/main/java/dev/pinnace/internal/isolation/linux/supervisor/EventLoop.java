package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's one polling thread: it waits for descriptors and runs what was registered for them,
 * so that no caller ever blocks in a native call. Handlers must be quick. Thread-safe.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  private final Epoll epoll = new Epoll();
  private final Map<Long, Runnable> handlers = new ConcurrentHashMap<>();
  private final AtomicLong keys = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  /** What {@link #watch} gave; ends the watching. */
  public final class Watch {
    private final Fd fd;
    private final long key;

    private Watch(Fd fd, long key) {
      this.fd = fd;
      this.key = key;
    }

    /** Stops watching; call it before the descriptor is closed. Once more does nothing. */
    public void end() {
      if (handlers.remove(key) != null) {
        synchronized (epoll) {
          if (!closed) {
            epoll.remove(fd);
          }
        }
      }
    }
  }

  public EventLoop(String name) {
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  /**
   * Runs {@code readable} on the loop's thread whenever {@code fd} can be read, until the watch is
   * ended.
   *
   * @throws IllegalStateException if the loop or the descriptor is closed
   */
  public Watch watch(Fd fd, Consumer<Watch> readable) {
    Watch watch = new Watch(fd, keys.incrementAndGet());
    handlers.put(watch.key, () -> readable.accept(watch));
    try {
      synchronized (epoll) {
        if (closed) {
          throw new IllegalStateException("the engine is closed: nothing is watched any more");
        }
        epoll.add(fd, watch.key);
      }
    } catch (ErrnoException | IllegalStateException refusal) {
      handlers.remove(watch.key);
      throw refusal;
    }
    return watch;
  }

  private void run() {
    try {
      while (!closed) {
        epoll.await(-1).forEach(this::handle);
      }
    } finally {
      synchronized (epoll) {
        closed = true;
        epoll.close();
      }
    }
  }

  /** One container's trouble, even an error, must not end the thread that all of them live by. */
  private void handle(Epoll.Event event) {
    Runnable handler = handlers.get(event.key());
    if (handler != null) {
      try {
        handler.run();
      } catch (RuntimeException | Error e) {
        LOG.warn("a handler of the polling thread failed", e);
      }
    }
  }

  /** Whether the caller is the loop's own thread, which must not wait for itself. */
  public boolean isCurrentThread() {
    return Thread.currentThread() == thread;
  }

  /** Ends the thread; watched descriptors stay their owners'. */
  @Override
  public void close() {
    synchronized (epoll) {
      if (!closed) {
        closed = true;
        epoll.wakeUp();
      }
    }
  }
}

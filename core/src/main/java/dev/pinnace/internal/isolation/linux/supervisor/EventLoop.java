package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's one polling thread: it waits for descriptors and runs what was registered for them,
 * so that no caller ever blocks in a native call. Handlers must be quick. When the loop is closed,
 * and should the kernel refuse to wait, the thread ends, and everybody who watches something hears
 * of that. Thread-safe.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

  private final Epoll epoll;
  private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
  private final AtomicLong keys = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;

  /** What {@link #watch} gave; ends the watching. */
  public final class Watch {
    private final Fd fd;
    private final long key;
    private final Consumer<Watch> readable;
    private final Consumer<PinnaceException> lost;

    private Watch(Fd fd, Consumer<Watch> readable, Consumer<PinnaceException> lost) {
      this.fd = fd;
      this.key = keys.incrementAndGet();
      this.readable = readable;
      this.lost = lost;
    }

    /** Stops watching; call it before the descriptor is closed. Once more does nothing. */
    public void end() {
      if (watches.remove(key) != null) {
        synchronized (epoll) {
          if (!closed) {
            epoll.remove(fd);
          }
        }
      }
    }
  }

  public EventLoop(String name) {
    this(name, new Epoll());
  }

  EventLoop(String name, Epoll epoll) {
    this.epoll = epoll;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  /**
   * Runs {@code readable} on the loop's thread whenever {@code fd} can be read, until the watch is
   * ended.
   *
   * @param lost runs instead, once, when the thread has failed, or ends because the loop was
   *     closed: nothing more will be heard
   * @throws IllegalStateException if the loop or the descriptor is closed
   * @throws PinnaceException if the thread has failed
   */
  public Watch watch(Fd fd, Consumer<Watch> readable, Consumer<PinnaceException> lost) {
    Watch watch = new Watch(fd, readable, lost);
    synchronized (epoll) {
      refuseAfterEnd();
      watches.put(watch.key, watch);
      try {
        epoll.add(fd, watch.key);
      } catch (ErrnoException | IllegalStateException refusal) {
        watches.remove(watch.key);
        throw refusal;
      }
    }
    return watch;
  }

  private void refuseAfterEnd() {
    Throwable reason = failure;
    if (reason != null) {
      throw failed(reason);
    }
    if (closed) {
      throw new IllegalStateException("the engine is closed: nothing is watched any more");
    }
  }

  private static PinnaceException failed(Throwable reason) {
    return new PinnaceException(
        "the engine's polling thread has failed ("
            + reason
            + "), so nothing more is heard of containers: close the engine and open it again",
        reason);
  }

  private void run() {
    try {
      while (!closed) {
        epoll.await(-1).forEach(this::handle);
      }
      end();
      loseAll(() -> new CancelledException("the engine was closed: nothing more is heard"));
    } catch (RuntimeException | Error e) {
      LOG.error("the polling thread {} has failed", thread.getName(), e);
      failure = e;
      end();
      loseAll(() -> failed(e));
    }
  }

  private void end() {
    synchronized (epoll) {
      closed = true;
      epoll.close();
    }
  }

  private void loseAll(Supplier<PinnaceException> reason) {
    for (Watch watch : List.copyOf(watches.values())) {
      if (watches.remove(watch.key) != null) {
        guarded(() -> watch.lost.accept(reason.get()));
      }
    }
  }

  private void handle(Epoll.Event event) {
    Watch watch = watches.get(event.key());
    if (watch != null) {
      guarded(() -> watch.readable.accept(watch));
    }
  }

  /** One container's trouble, even an error, must not end the thread that all of them live by. */
  private static void guarded(Runnable handler) {
    try {
      handler.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("a handler of the polling thread failed", e);
    }
  }

  /**
   * Ends the thread, without waiting for that; watched descriptors stay their owners'. Whoever
   * still watches something is told.
   */
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

package dev.pinnace.internal.image.registry.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections whose other side takes nothing for too long: a blocked write has no time limit
 * of its own. Its thread is there while something is sent. Thread-safe.
 */
final class Watch implements AutoCloseable {
  private static final long EVERY_MS = 250;
  private final Set<Connection> sending = ConcurrentHashMap.newKeySet();
  private final Set<Connection> silenced = ConcurrentHashMap.newKeySet();
  private @Nullable Thread thread;
  private boolean closed;

  synchronized void begin(Connection connection) {
    sending.add(connection);
    if (thread == null && !closed) {
      Thread watcher = new Thread(null, this::work, "pinnace-stall-watch", 0, false);
      watcher.setDaemon(true);
      watcher.setContextClassLoader(null);
      thread = watcher;
      watcher.start();
    }
  }

  /** Whether the connection was ended by this. */
  boolean end(Connection connection) {
    sending.remove(connection);
    return silenced.remove(connection);
  }

  private void work() {
    try {
      while (goesOn()) {
        long now = System.nanoTime();
        for (Connection connection : sending) {
          if (now - connection.lastProgress() > connection.silence().toNanos()) {
            silenced.add(connection);
            connection.abort();
          }
        }
        Thread.sleep(EVERY_MS);
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean goesOn() {
    if (closed || sending.isEmpty()) {
      thread = null;
      return false;
    }
    return true;
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running != null) {
      running.interrupt();
    }
  }
}

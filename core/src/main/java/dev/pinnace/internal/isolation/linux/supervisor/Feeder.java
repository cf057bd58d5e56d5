package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a stream has into a pipe, until the stream ends, nobody reads the pipe any more, or
 * {@link #end}. While the pipe is full nothing is read.
 */
final class Feeder implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Feeder.class);
  private static final int CHUNK = 64 * 1024;

  private final InputStream from;
  private final Fd to;
  private final Epoll room = new Epoll();
  private volatile boolean ended;
  private boolean waiting;

  /** Closes {@code to} with {@link #end}, or at the end of {@link #run}. */
  Feeder(InputStream from, Fd to) {
    this.from = from;
    this.to = to;
    try {
      to.blocking(false);
      room.add(to, 0, Epoll.WRITABLE);
    } catch (ErrnoException refusal) {
      end();
      throw refusal;
    }
  }

  @Override
  public void run() {
    try {
      copy();
    } catch (ErrnoException e) {
      if (!e.is(Errno.EPIPE, Errno.EIO)) { // EIO: a terminal that was hung up
        LOG.warn("a process's standard input ends early: it cannot be written: {}", e.getMessage());
        LOG.debug("the cause", e);
      }
    } catch (IOException | RuntimeException e) {
      if (!ended) {
        LOG.warn(
            "a process's standard input ends early: what is to feed it failed: {}", e.getMessage());
        LOG.debug("the cause", e);
      }
    } finally {
      end();
    }
  }

  private void copy() throws IOException {
    byte[] chunk = new byte[CHUNK];
    int count = from.read(chunk);
    while (count >= 0 && !ended) {
      int done = 0;
      while (done < count && !ended) {
        done += write(chunk, done, count - done);
      }
      count = ended ? -1 : from.read(chunk); // the rest is for whoever reads it next
    }
  }

  private int write(byte[] bytes, int start, int length) {
    int count = writeSome(bytes, start, length);
    if (count == 0) {
      awaitRoom();
    }
    return count;
  }

  /** Under the lock, so that it is not closed meanwhile: another file may get its number then. */
  private synchronized int writeSome(byte[] bytes, int start, int length) {
    if (ended) {
      return 0;
    }
    try {
      return to.writeSome(bytes, start, length);
    } catch (ErrnoException e) {
      if (!e.is(Errno.EAGAIN)) {
        throw e;
      }
      return 0;
    }
  }

  private void awaitRoom() {
    synchronized (this) {
      if (ended) {
        return;
      }
      waiting = true;
    }
    try {
      room.await(-1);
    } finally {
      awaited();
    }
  }

  private synchronized void awaited() {
    waiting = false;
    if (ended) {
      room.close();
    }
  }

  /**
   * Closes the pipe at once, even while the stream is read: a process that reads it sees its end.
   * What the stream gives after that is lost. Once more does nothing.
   */
  synchronized void end() {
    to.close();
    if (waiting && !ended) {
      room.wakeUp();
    } else if (!waiting) {
      room.close();
    }
    ended = true;
  }
}

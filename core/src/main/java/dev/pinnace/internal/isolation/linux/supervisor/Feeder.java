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
 * {@link #stop}. While the pipe is full nothing is read.
 */
final class Feeder implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Feeder.class);
  private static final int CHUNK = 64 * 1024;

  private final InputStream from;
  private final Fd to;
  private final Epoll room = new Epoll();
  private volatile boolean stopped;
  private boolean ended;

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
      if (!stopped) {
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
    while (count >= 0 && !stopped) {
      int done = 0;
      while (done < count && !stopped) {
        done += write(chunk, done, count - done);
      }
      count = from.read(chunk);
    }
  }

  private int write(byte[] bytes, int start, int length) {
    try {
      return to.writeSome(bytes, start, length);
    } catch (ErrnoException e) {
      if (!e.is(Errno.EAGAIN)) {
        throw e;
      }
      room.await(-1);
      return 0;
    }
  }

  /**
   * Lets it end; it does as soon as the stream gives something, or at once if it waits for room.
   */
  synchronized void stop() {
    stopped = true;
    if (!ended) {
      room.wakeUp();
    }
  }

  /** Closes the pipe: a process that reads it sees its end. */
  synchronized void end() {
    ended = true;
    room.close();
    to.close();
  }
}

package dev.pinnace.examples.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What is typed, for one attachment after the other: only one thread ever reads standard input, so
 * that no key goes to an attachment that is over.
 */
final class Keyboard {
  private static final int CHUNK = 4096;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Told from what is typed by its identity. */
  private static final byte[] END = {};

  private final InputStream from;
  private final DetachKeys keys;
  private final Duration patience;
  private final Runnable detached;
  private final Runnable gone;
  private Typed reader = new Typed();

  private Keyboard(
      InputStream from, DetachKeys keys, Duration patience, Runnable detached, Runnable gone) {
    this.from = from;
    this.keys = keys;
    this.patience = patience;
    this.detached = detached;
    this.gone = gone;
  }

  /**
   * Begins to read.
   *
   * @param detached runs when the keys for that were typed, or the terminal is gone, on a thread of
   *     its own
   */
  static Keyboard begin(InputStream from, DetachKeys keys, Runnable detached) {
    return begin(from, keys, PATIENCE, detached);
  }

  /**
   * The same.
   *
   * @param gone runs instead where the terminal is gone
   */
  static Keyboard begin(InputStream from, DetachKeys keys, Runnable detached, Runnable gone) {
    return begin(new Keyboard(from, keys, PATIENCE, detached, gone));
  }

  /**
   * The same.
   *
   * @param patience how long whoever takes what was typed before may take for it
   */
  static Keyboard begin(InputStream from, DetachKeys keys, Duration patience, Runnable detached) {
    return begin(new Keyboard(from, keys, patience, detached, detached));
  }

  private static Keyboard begin(Keyboard keyboard) {
    Thread thread = new Thread(keyboard::read, "keyboard");
    thread.setDaemon(true);
    thread.start();
    return keyboard;
  }

  /** What is typed from now on; what was read before ends. */
  synchronized InputStream next() {
    Typed next = new Typed();
    reader.queue.drainTo(next.queue);
    reader.queue.add(END);
    reader = next;
    return next;
  }

  private void read() {
    byte[] chunk = new byte[CHUNK];
    Runnable end = gone;
    try {
      int count = from.read(chunk);
      while (count >= 0) {
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        boolean leave = keys.pass(chunk, count, passed);
        if (passed.size() > 0) { // a key that is held back is no end
          hand(passed.toByteArray());
        }
        end = leave ? detached : gone;
        count = leave ? -1 : from.read(chunk); // what is typed then is for whoever called
      }
    } catch (IOException hungUp) {
      // as good as an end: in raw mode no key is one
    }
    leave(end);
  }

  /** What was typed before is the container's, unless it takes nothing. */
  private void leave(Runnable end) {
    try {
      boolean unused = end().taken.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end.run();
  }

  private synchronized void hand(byte[] bytes) {
    reader.queue.add(bytes);
  }

  private synchronized Typed end() {
    reader.queue.add(END);
    return reader;
  }

  /** An attachment's input. */
  private static final class Typed extends InputStream {
    private final BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch taken = new CountDownLatch(1);
    private byte[] piece = {};
    private int done;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int start, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (done == piece.length && !ended) {
        take();
      }
      if (ended) {
        return -1;
      }
      int count = Math.min(length, piece.length - done);
      System.arraycopy(piece, done, into, start, count);
      done += count;
      return count;
    }

    private void take() throws IOException {
      try {
        piece = queue.take();
        done = 0;
        ended = piece == END;
        if (ended) {
          taken.countDown();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for keys");
      }
    }
  }
}

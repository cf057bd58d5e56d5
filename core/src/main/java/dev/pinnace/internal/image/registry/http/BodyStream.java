package dev.pinnace.internal.image.registry.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer: what its connection brings, as a stream. No more than {@link #WINDOW}
 * parts wait for the reader. One thread reads; any may close.
 */
final class BodyStream extends InputStream implements BodySubscriber<BodyStream> {
  /**
   * How many parts are asked for ahead: what the JVM reads at once, 16 KiB unless it was told
   * otherwise. Of a body in chunks a part has a buffer for each.
   */
  private static final int WINDOW = 32;

  private static final int WORTH_READING = 1 << 14;
  private static final long WORTH_WAITING_MS = 100;

  private final boolean empty;
  private final Duration silence;
  private final long silenceNanos;
  private final Runnable ended;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<List<ByteBuffer>> arrived = new ArrayDeque<>();
  private Flow.@Nullable Subscription subscription;
  private @Nullable IOException failure;
  private boolean complete;
  private boolean closed;

  private Iterator<ByteBuffer> part = Collections.emptyIterator();
  private ByteBuffer current = ByteBuffer.allocate(0);
  private int taken;
  private long left;

  /**
   * @param length how much comes, -1 where that is not known
   * @param ended told once when nothing more comes
   */
  BodyStream(long length, Duration silence, Runnable ended) {
    this.empty = length == 0;
    this.left = length;
    this.silence = silence;
    this.silenceNanos = silence.toNanos();
    this.ended = ended;
  }

  /** The longest that nothing may come. */
  Duration silence() {
    return silence;
  }

  @Override
  public CompletionStage<BodyStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    boolean wanted;
    lock.lock();
    try {
      wanted = subscription == null && (!closed || empty);
      if (wanted) {
        subscription = given;
      }
    } finally {
      lock.unlock();
    }
    if (wanted) {
      given.request(WINDOW);
    } else {
      given.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    lock.lock();
    try {
      arrived.add(buffers);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onComplete() {
    end(null);
  }

  @Override
  public void onError(Throwable thrown) {
    end(Failures.ofBody(thrown));
  }

  private void end(@Nullable IOException why) {
    lock.lock();
    try {
      complete |= why == null;
      failure = failure == null ? why : failure;
      changed.signal();
    } finally {
      lock.unlock();
    }
    ended.run();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    while (!current.hasRemaining()) {
      if (!next(silenceNanos)) {
        return -1;
      }
    }
    int got = Math.min(length, current.remaining());
    current.get(into, from, got);
    if (left > 0) {
      left -= got;
      if (left == 0) {
        awaitEnd();
      }
    }
    return got;
  }

  /** Makes the next buffer the current one; whether there was one. */
  private boolean next(long nanos) throws IOException {
    while (!part.hasNext()) {
      if (!nextPart(nanos)) {
        return false;
      }
    }
    current = part.next();
    return true;
  }

  private boolean nextPart(long nanos) throws IOException {
    try {
      lock.lockInterruptibly();
      try {
        for (long rest = nanos; ; rest = changed.awaitNanos(rest)) {
          if (closed) {
            throw new IOException("the body was closed while it was read");
          }
          List<ByteBuffer> buffers = arrived.poll();
          if (buffers != null) {
            part = buffers.iterator();
            break;
          }
          if (failure != null) {
            throw failure;
          }
          if (complete) {
            return false;
          }
          if (rest <= 0) {
            throw new SocketTimeoutException(
                "nothing came for " + Failures.seconds(Duration.ofNanos(nanos)));
          }
        }
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
    askForMore();
    return true;
  }

  private void askForMore() {
    taken++;
    if (taken == WINDOW / 2) {
      taken = 0;
      Objects.requireNonNull(subscription).request(WINDOW / 2);
    }
  }

  /** Who has everything finds the connection free for the next request. */
  private void awaitEnd() throws IOException {
    if (next(silenceNanos)) {
      throw new EOFException("the body is longer than it was said to be");
    }
  }

  /** Ends the body from any thread. A connection of which something is left is closed. */
  @Override
  public void close() {
    Flow.Subscription broken;
    lock.lock();
    try {
      broken = empty || complete || failure != null || closed ? null : subscription;
      closed = true;
      arrived.clear();
      changed.signal();
    } finally {
      lock.unlock();
    }
    if (broken != null) {
      broken.cancel();
    }
    ended.run();
  }

  /** For the thread that reads: as {@link #close}, but a short rest is taken. */
  void discard() {
    try {
      long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WORTH_WAITING_MS);
      int rest = left <= WORTH_READING ? WORTH_READING : 0;
      while (rest > 0 && next(Math.max(0, until - System.nanoTime()))) {
        rest -= current.remaining();
      }
    } catch (IOException worthless) {
      // It is closed in any case.
    }
    close();
  }
}

package dev.pinnace.internal.image.registry.http;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A payload on its way, piece by piece as the connection takes them, written by the thread that
 * waits for the answer. There is a time limit for each piece and none for all.
 */
final class PayloadPublisher implements BodyPublisher {
  private static final int PIECE = 1 << 16;

  private final Payload payload;
  private final Duration silence;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Turn turn;
  private @Nullable Future<?> answer;

  PayloadPublisher(Payload payload, Duration silence) {
    this.payload = payload;
    this.silence = silence;
  }

  @Override
  public long contentLength() {
    return payload.length();
  }

  /** The client asks again when it repeats the request. */
  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    Turn begun = new Turn(subscriber);
    lock.lock();
    try {
      turn = begun;
      changed.signal();
    } finally {
      lock.unlock();
    }
    subscriber.onSubscribe(begun);
  }

  /** The answer is there, or there will be none. */
  void wake() {
    lock.lock();
    try {
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes as often as the client asks, until there is an answer.
   *
   * @throws SocketTimeoutException for silence
   */
  void serve(Future<?> expected) throws IOException, InterruptedException {
    answer = expected;
    Turn served = null;
    for (Turn next = nextAfter(served); next != null; next = nextAfter(served)) {
      served = next;
      try {
        OutputStream out = new BufferedOutputStream(next, PIECE);
        payload.writeTo(out);
        out.flush();
        next.subscriber.onComplete();
      } catch (Unwanted answered) {
        // The answer says why, or the next turn begins anew.
      }
    }
  }

  private @Nullable Turn nextAfter(@Nullable Turn served)
      throws SocketTimeoutException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long rest = silence.toNanos();
      while (!isAnswered() && turn == served) {
        if (rest <= 0) {
          throw new SocketTimeoutException("nothing came for " + Failures.seconds(silence));
        }
        rest = changed.awaitNanos(rest);
      }
      return isAnswered() ? null : turn;
    } finally {
      lock.unlock();
    }
  }

  private boolean isAnswered() {
    return answer != null && answer.isDone();
  }

  /** Nobody wants the rest. */
  private static final class Unwanted extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** One time that the payload is written. */
  private final class Turn extends OutputStream implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long demand;
    private boolean cancelled;

    Turn(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long more) {
      lock.lock();
      try {
        demand = more > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + more;
        changed.signal();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void cancel() {
      lock.lock();
      try {
        cancelled = true;
        changed.signal();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      for (int sent = 0; sent < length; ) {
        int piece = Math.min(PIECE, length - sent);
        try {
          awaitDemand();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        int at = from + sent;
        subscriber.onNext(ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + piece)));
        sent += piece;
      }
    }

    private void awaitDemand() throws IOException, InterruptedException {
      lock.lockInterruptibly();
      try {
        long rest = silence.toNanos();
        while (demand == 0 || cancelled || turn != this || isAnswered()) {
          if (cancelled || turn != this || isAnswered()) {
            throw new Unwanted();
          }
          if (rest <= 0) {
            throw new SocketTimeoutException("it took nothing for " + Failures.seconds(silence));
          }
          rest = changed.awaitNanos(rest);
        }
        demand--;
      } finally {
        lock.unlock();
      }
    }
  }
}

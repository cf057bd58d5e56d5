package dev.pinnace.internal.image.transfer;

import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Work on a thread of its own that can be ended, and whose end can be waited for. Thread-safe. */
public final class Strand {
  private final Runnable work;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Thread thread;
  private boolean cancelled;

  private Strand(Runnable work) {
    this.work = work;
  }

  /** Begins; {@code work} throws nothing. */
  public static Strand start(Executor threads, Runnable work) {
    Strand strand = new Strand(work);
    threads.execute(strand::run);
    return strand;
  }

  private void run() {
    if (begin()) {
      try {
        work.run();
      } finally {
        finish();
      }
    }
    ended.countDown();
  }

  private synchronized boolean begin() {
    thread = Thread.currentThread();
    return !cancelled;
  }

  /** After this nobody interrupts the thread, which others use next. */
  private synchronized void finish() {
    thread = null;
    Thread.interrupted();
  }

  /** Interrupts the work. */
  public synchronized void interrupt() {
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Waits for its end, also when interrupted: the flag is kept. */
  public void join() {
    Uninterruptibles.awaitUninterruptibly(ended);
  }
}

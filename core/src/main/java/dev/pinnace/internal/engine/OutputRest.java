package dev.pinnace.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Tells when the output of a program that has ended comes to rest: processes that it left may hold
 * its terminal open for as long as they like. While a consumer works on a piece more may be there,
 * however long that takes. Thread-safe.
 */
final class OutputRest {
  private static final long LENGTH = Execs.REST.toNanos();

  private int working;
  private long since = System.nanoTime();

  /** Does what {@code consumer} does. */
  Consumer<byte[]> noted(Consumer<byte[]> consumer) {
    return piece -> {
      begun();
      try {
        consumer.accept(piece);
      } finally {
        done();
      }
    };
  }

  private synchronized void begun() {
    working++;
  }

  private synchronized void done() {
    working--;
    since = System.nanoTime();
  }

  /** Completes {@code output} when nothing has come for a while from now on. */
  void complete(CompletableFuture<Void> output) {
    synchronized (this) {
      since = System.nanoTime();
    }
    lookAgain(output);
  }

  private void lookAgain(CompletableFuture<Void> output) {
    long left = left();
    if (left <= 0) {
      output.complete(null);
    } else if (!output.isDone()) {
      CompletableFuture.delayedExecutor(left, TimeUnit.NANOSECONDS, Runnable::run)
          .execute(() -> lookAgain(output));
    }
  }

  private synchronized long left() {
    return working > 0 ? LENGTH : LENGTH - (System.nanoTime() - since);
  }
}

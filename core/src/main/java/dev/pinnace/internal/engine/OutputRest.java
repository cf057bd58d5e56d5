package dev.pinnace.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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

  /**
   * Completes {@code output} when nothing has come for a while from now on.
   *
   * @param more whether something has come of which no consumer has heard: a machine that is busy
   *     may take longer to read it than is waited for it
   */
  void complete(CompletableFuture<Void> output, BooleanSupplier more) {
    restart();
    lookAgain(output, more);
  }

  private synchronized void restart() {
    since = System.nanoTime();
  }

  private void lookAgain(CompletableFuture<Void> output, BooleanSupplier more) {
    try {
      if (left() <= 0 && more.getAsBoolean()) {
        restart();
      }
    } catch (RuntimeException unknown) {
      output.completeExceptionally(unknown);
      return;
    }
    long left = left();
    if (left <= 0) {
      output.complete(null);
    } else if (!output.isDone()) {
      CompletableFuture.delayedExecutor(left, TimeUnit.NANOSECONDS, Runnable::run)
          .execute(() -> lookAgain(output, more));
    }
  }

  private synchronized long left() {
    return working > 0 ? LENGTH : LENGTH - (System.nanoTime() - since);
  }
}

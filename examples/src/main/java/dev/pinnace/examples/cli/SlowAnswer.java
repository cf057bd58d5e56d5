package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Says once that a registry has not answered yet, if a transfer has no progress for three seconds
 * after this was made: until then nothing would tell a registry that cannot be reached from a slow
 * start. Thread-safe.
 */
final class SlowAnswer implements Consumer<TransferProgress>, AutoCloseable {
  private static final long LONG_MILLIS = 3000;

  private final CountDownLatch answered = new CountDownLatch(1);

  SlowAnswer(String registry, PrintWriter err) {
    Thread thread = new Thread(() -> wait(registry, err), "slow-answer");
    thread.setDaemon(true);
    thread.start();
  }

  private void wait(String registry, PrintWriter err) {
    try {
      if (!answered.await(LONG_MILLIS, TimeUnit.MILLISECONDS)) {
        err.println("pinnace: waiting for " + registry + " ...");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void accept(TransferProgress progress) {
    answered.countDown();
  }

  @Override
  public void close() {
    answered.countDown();
  }
}

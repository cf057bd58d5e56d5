package dev.pinnace.internal.image.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SideBySideTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final AtomicBoolean ended = new AtomicBoolean();

  /** Refuses what comes when the first has begun, as one does that is shut down meanwhile. */
  private void execute(Runnable task) {
    if (begun.getCount() == 0) {
      throw new RejectedExecutionException("shut down");
    }
    new Thread(task, "test-side-by-side").start();
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void waitForTheInterrupt() {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException wanted) {
      ended.set(true);
    }
  }

  @Test
  void run_threadsAreRefused_returnsWhenThoseThatBeganHaveEnded() {
    assertThatThrownBy(
            () ->
                SideBySide.run(List.of(1, 2, 3), 3, this::execute, number -> waitForTheInterrupt()))
        .isInstanceOf(CancelledException.class)
        .hasMessageContaining("the engine is closed")
        .hasCauseInstanceOf(RejectedExecutionException.class);
    assertThat(ended).isTrue();
  }
}

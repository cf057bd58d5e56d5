package dev.pinnace.internal.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    await();
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
                SideBySide.run(
                    "waiting",
                    List.of(1, 2, 3),
                    3,
                    this::execute,
                    number -> waitForTheInterrupt(),
                    number -> {}))
        .isInstanceOf(CancelledException.class)
        .hasMessageContaining("the engine is closed")
        .hasCauseInstanceOf(RejectedExecutionException.class);
    assertThat(ended).isTrue();
  }

  private static void onThreads(Runnable task) {
    new Thread(task, "test-side-by-side").start();
  }

  @Test
  void run_oneFails_interruptsTheOthersAndBeginsNoMore() {
    Queue<Integer> seen = new ConcurrentLinkedQueue<>();
    assertThatThrownBy(
            () ->
                SideBySide.run(
                    "waiting",
                    List.of(1, 2, 3),
                    2,
                    SideBySideTest::onThreads,
                    number -> {
                      seen.add(number);
                      if (number == 1) {
                        waitForTheInterrupt();
                      } else {
                        await();
                        throw new IOException("no " + number);
                      }
                    },
                    seen::add))
        .isInstanceOf(IOException.class)
        .hasMessage("no 2");
    assertThat(ended).isTrue();
    assertThat(seen).containsExactlyInAnyOrder(1, 2);
  }

  private void await() {
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void run_callerIsInterrupted_endsThemAndKeepsTheFlag() {
    Thread caller = Thread.currentThread();
    assertThatThrownBy(
            () ->
                SideBySide.run(
                    "waiting",
                    List.of(1),
                    1,
                    SideBySideTest::onThreads,
                    number -> {
                      caller.interrupt();
                      waitForTheInterrupt();
                    },
                    number -> {}))
        .isInstanceOf(CancelledException.class)
        .hasMessage("interrupted while waiting");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ended).isTrue();
  }

  @Test
  void run_each_thenDoesTheRestInTheCallersThread() throws IOException {
    Thread caller = Thread.currentThread();
    Set<Integer> worked = ConcurrentHashMap.newKeySet();
    List<Integer> rest = new ArrayList<>();
    SideBySide.run(
        "counting",
        List.of(1, 2, 3, 4, 5),
        2,
        SideBySideTest::onThreads,
        worked::add,
        number -> {
          assertThat(Thread.currentThread()).isSameAs(caller);
          assertThat(worked).contains(number);
          rest.add(number);
        });
    assertThat(rest).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
  }
}

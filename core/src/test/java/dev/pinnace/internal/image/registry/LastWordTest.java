package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.RegistryException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LastWordTest {
  private final AtomicBoolean said = new AtomicBoolean();

  @AfterEach
  void clearTheFlag() {
    boolean unused = Thread.interrupted();
  }

  private static void onAThread(Runnable task) {
    new Thread(task, "test-last-word").start();
  }

  @Test
  void say_callerIsInterruptedBefore_isSaidAndKeepsTheFlag() {
    Thread.currentThread().interrupt();
    LastWord.say("give it up", LastWordTest::onAThread, () -> said.set(true));
    assertThat(said).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void say_callerIsInterruptedMeanwhile_isSaidToItsEnd() {
    Thread caller = Thread.currentThread();
    LastWord.say(
        "give it up",
        LastWordTest::onAThread,
        () -> {
          caller.interrupt();
          Thread.sleep(100);
          said.set(true);
        });
    assertThat(said).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void say_nobodyListens_endsInAMoment() {
    CountDownLatch interrupted = new CountDownLatch(1);
    long before = System.nanoTime();
    LastWord.say(
        "give it up",
        LastWordTest::onAThread,
        () -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
        });
    assertThat(System.nanoTime() - before)
        .isBetween(TimeUnit.SECONDS.toNanos(2), TimeUnit.SECONDS.toNanos(20));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(isReached(interrupted)).as("the thread is given back").isTrue();
  }

  private static boolean isReached(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void say_fails_changesNothing() {
    LastWord.say(
        "give it up",
        LastWordTest::onAThread,
        () -> {
          throw new RegistryException("it is gone", null);
        });
    LastWord.say(
        "give it up",
        task -> {
          throw new RejectedExecutionException("closed");
        },
        () -> said.set(true));
    assertThat(said).isFalse();
  }
}

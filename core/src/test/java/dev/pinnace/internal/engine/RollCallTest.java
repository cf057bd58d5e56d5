package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RollCallTest {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ExecutorService threads = WorkThreads.of("test");
  private final CountDownLatch never = new CountDownLatch(1);

  @AfterEach
  void end() {
    never.countDown();
    threads.shutdownNow();
  }

  private List<String> ask(int silent, int all, Duration patience) {
    RollCall<Integer, String> call =
        new RollCall<>(
            threads, number -> number < silent ? silence() : "here", number -> "no answer");
    return call.answers(IntStream.range(0, all).boxed().toList(), patience);
  }

  private String silence() {
    try {
      never.await();
      return "late";
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }

  @Test
  void answers_behindManySilentOnes_areHeard() {
    List<String> answers = ask(150, 400, PATIENCE);
    assertThat(answers.subList(0, 150)).containsOnly("no answer");
    assertThat(answers.subList(150, 400)).containsOnly("here");
  }

  @Test
  void answers_ofThreeThousand_takeNoMoreThanAFewThreads() {
    long begin = System.nanoTime();
    assertThat(ask(0, 3000, PATIENCE)).hasSize(3000).containsOnly("here");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE);
  }

  @Test
  void answers_silentOnes_areInterruptedAtTheEnd() throws InterruptedException {
    assertThat(ask(40, 40, Duration.ofMillis(300))).hasSize(40).containsOnly("no answer");
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void answers_interrupted_isCancelledAndTheFlagIsKept() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> ask(1, 1, PATIENCE)).isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}

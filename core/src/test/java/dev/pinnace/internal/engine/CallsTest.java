package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.waiting.Waits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What calls come to when their engine closes. */
@Timeout(60)
class CallsTest {
  private static final String REFUSAL = "the engine on /root is closed";

  private final Calls calls = new Calls(Path.of("/root"));
  private final Starts starts = new Starts(calls);

  /** Fails once the engine was closed meanwhile. */
  private Runnable failing(RuntimeException failure) {
    return () -> {
      calls.close();
      throw failure;
    };
  }

  @Test
  void of_whileItIsOpen_failsAsItsWorkDoes() {
    PinnaceException failure = new PinnaceException("injected");
    assertThat(calls.of(() -> "given")).isEqualTo("given");
    assertThatThrownBy(
            () ->
                calls.of(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void of_closedMeanwhile_isRefusedAndKeepsTheCause() {
    IllegalStateException failure = new IllegalStateException("the descriptor is closed");
    assertThatThrownBy(() -> calls.of(failing(failure)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(REFUSAL)
        .hasCause(failure);
    assertThatThrownBy(() -> calls.of(() -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(REFUSAL)
        .hasNoCause();
  }

  @Test
  void of_withinAnother_isRefusedOnce() {
    assertThatThrownBy(
            () ->
                calls.of(
                    () -> {
                      calls.close();
                      calls.of(() -> {});
                    }))
        .hasMessage(REFUSAL)
        .hasNoCause();
  }

  @Test
  void of_closedMeanwhile_leavesWhatDoesNotComeOfThat() {
    InvalidSpecException wrong = new InvalidSpecException("injected");
    assertThatThrownBy(() -> calls.of(failing(wrong))).isSameAs(wrong);
  }

  @Test
  void of_cancelledByTheEngine_isRefused() {
    CancelledException cancelled = new CancelledException("injected");
    assertThatThrownBy(() -> calls.of(failing(cancelled))).hasMessage(REFUSAL).hasCause(cancelled);
  }

  @Test
  void of_interrupted_isCancelled() {
    CancelledException cancelled = new CancelledException("injected");
    Runnable interrupted =
        () -> {
          Thread.currentThread().interrupt();
          failing(cancelled).run();
        };
    assertThatThrownBy(() -> calls.of(interrupted)).isSameAs(cancelled);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void waiting_cancelledByTheEngine_hearsOfIt() {
    CancelledException cancelled = new CancelledException("injected");
    assertThatThrownBy(() -> calls.waiting(() -> fail(cancelled))).isSameAs(cancelled);
  }

  @Test
  void waiting_cutShortByTheEngine_isCancelled() {
    PinnaceException reset = new PinnaceException("connection reset");
    assertThatThrownBy(() -> calls.waiting(() -> fail(reset)))
        .isInstanceOf(CancelledException.class)
        .hasMessage(REFUSAL)
        .hasCause(reset);
    assertThatThrownBy(() -> calls.waiting(() -> "too late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(REFUSAL);
  }

  @Test
  void waiting_seesTheEngineClosed_isCancelled() {
    assertThatThrownBy(
            () ->
                calls.waiting(
                    () -> {
                      calls.close();
                      calls.ensureOpen();
                      return "";
                    }))
        .isInstanceOf(CancelledException.class)
        .hasMessage(REFUSAL);
  }

  private Object fail(RuntimeException failure) {
    failing(failure).run();
    return "";
  }

  @Test
  void settle_waitsForTheCallsOfOthers() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () ->
                calls.of(
                    () -> {
                      begun.countDown();
                      Waits.undisturbed(() -> await(goOn));
                    }));
    begun.await();
    assertThat(calls.close()).isTrue();
    assertThat(calls.close()).isFalse();
    assertThat(calls.settle(Duration.ofMillis(10))).isFalse();
    goOn.countDown();
    assertThat(calls.settle(Duration.ofSeconds(10))).isTrue();
    other.join();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void settle_doesNotWaitForTheCallThatCloses() {
    Boolean settled =
        calls.of(
            () -> {
              calls.close();
              return calls.settle(Duration.ofSeconds(10));
            });
    assertThat(settled).isTrue();
  }

  @Test
  void start_calledOff_doesNotBeginThoughItIsRecorded() {
    CompletableFuture<Void> recorded = new CompletableFuture<>();
    try (Starts.Start start = starts.begin()) {
      CompletableFuture<Void> gate = start.after(recorded);
      start.ensureWanted();
      calls.close();
      starts.callOff();
      recorded.complete(null);
      assertThat(gate).isCompletedExceptionally();
      assertThatThrownBy(start::ensureWanted).hasMessage(REFUSAL);
      assertThat(starts.settle(Duration.ofMillis(10))).isFalse();
    }
    assertThat(starts.settle(Duration.ZERO)).isTrue();
  }

  @Test
  void start_thatHasBegunItsProgram_isNotCalledOff() {
    try (Starts.Start start = starts.begin()) {
      CompletableFuture<Void> gate = start.after(CompletableFuture.completedFuture(null));
      calls.close();
      starts.callOff();
      start.ensureWanted();
      assertThat(gate).isCompleted();
      start.succeeded();
      assertThat(starts.settle(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void start_thatComesTooLate_isCalledOff() {
    calls.close();
    starts.callOff();
    try (Starts.Start start = starts.begin()) {
      for (CompletableFuture<Void> recorded :
          List.of(new CompletableFuture<Void>(), CompletableFuture.<Void>completedFuture(null))) {
        assertThat(start.after(recorded)).isCompletedExceptionally();
      }
    }
  }
}

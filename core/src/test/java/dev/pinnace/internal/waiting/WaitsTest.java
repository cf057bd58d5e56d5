package dev.pinnace.internal.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaitsTest {
  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  @Test
  void await_longestAndNegativeLimit() {
    assertThat(Waits.await(CompletableFuture.completedFuture("x"), FOREVER, "it")).isEqualTo("x");
    assertThat(Waits.settle(CompletableFuture.completedFuture("x"), FOREVER)).isTrue();
    assertThatThrownBy(() -> Waits.await(new CompletableFuture<>(), FOREVER.negated(), "it"))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("waited 0 ms in vain for it");
  }

  @Test
  void pause_interrupted_isCancelledAndTheFlagIsKept() {
    Waits.pause(Duration.ofNanos(1), "it");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Waits.pause(Duration.ofDays(1), "it"))
        .isInstanceOf(CancelledException.class)
        .hasMessageContaining("interrupted while waiting for it");
    assertThat(Thread.interrupted()).isTrue();
  }
}

package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the output of a program that has ended is all that it will be. */
@Timeout(60)
class OutputRestTest {
  @Test
  void outputThatNobodyHasReadYet_isWaitedFor() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    CompletableFuture<Void> output = new CompletableFuture<>();
    new OutputRest().complete(output, () -> looks.incrementAndGet() < 3);
    output.get(30, TimeUnit.SECONDS);
    assertThat(looks).hasValue(3);
  }

  @Test
  void outputThatCannotBeLookedAt_isNotWaitedForForEver() {
    CompletableFuture<Void> output = new CompletableFuture<>();
    new OutputRest()
        .complete(
            output,
            () -> {
              throw new IllegalStateException("no descriptor is left");
            });
    assertThatThrownBy(() -> output.get(30, TimeUnit.SECONDS)).hasMessageContaining("is left");
  }
}

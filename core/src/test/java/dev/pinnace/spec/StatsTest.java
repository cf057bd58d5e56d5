package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatsTest {
  private static Stats cpu(long millis, long systemMillis, int processors) {
    return new Stats(
        Instant.EPOCH,
        Duration.ofMillis(millis),
        Duration.ofMillis(systemMillis),
        processors,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static Stats memory(Optional<Bytes> used, Optional<Bytes> limit) {
    return new Stats(
        Instant.EPOCH,
        Duration.ZERO,
        Duration.ZERO,
        1,
        used,
        limit,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  /** Docker's arithmetic: the delta of the container by that of the system, times processors. */
  @ParameterizedTest
  @CsvSource({
    "0, 4000, 0",
    "1000, 4000, 100",
    "4000, 4000, 400",
    "250, 4000, 25",
    "1000, 0, 0",
    "-5000, 4000, 0",
    "1000, -4000, 0"
  })
  void cpuPercentSince(long used, long passed, double percent) {
    Stats before = cpu(10_000, 900_000, 4);
    assertThat(cpu(10_000 + used, 900_000 + passed, 4).cpuPercentSince(before)).isEqualTo(percent);
  }

  @Test
  void memoryPercent_isOfTheLimit() {
    Optional<Bytes> limit = Optional.of(Bytes.mebi(64));
    assertThat(memory(Optional.of(Bytes.mebi(16)), limit).memoryPercent()).hasValue(25);
    assertThat(memory(Optional.empty(), limit).memoryPercent()).isEmpty();
    assertThat(memory(limit, Optional.empty()).memoryPercent()).isEmpty();
    assertThat(memory(limit, Optional.of(Bytes.ZERO)).memoryPercent()).isEmpty();
  }
}

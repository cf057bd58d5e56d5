package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which policy wants what to be started again. */
class RevivalsTest {
  private static Optional<ExitRecord> end(String word) {
    if (word.equals("unknown")) {
      return Optional.empty();
    }
    Set<Cause> causes = word.equals("stopped") ? Set.of(Cause.STOPPED) : Set.of();
    Instant now = Instant.EPOCH;
    return Optional.of(
        new ExitRecord(1, 0, Optional.of(now), now, 0, causes, 0, 0, Duration.ZERO, 0, ""));
  }

  @ParameterizedTest
  @CsvSource({
    "no,             unknown, true,  false",
    "no,             itself,  true,  false",
    "on-failure,     unknown, false, true",
    "on-failure:2,   unknown, true,  true",
    "on-failure,     itself,  true,  false",
    "on-failure,     stopped, true,  false",
    "unless-stopped, unknown, false, true",
    "unless-stopped, itself,  false, false",
    "unless-stopped, itself,  true,  true",
    "unless-stopped, stopped, true,  false",
    "always,         unknown, false, true",
    "always,         itself,  false, false",
    "always,         itself,  true,  true",
    "always,         stopped, false, false",
    "always,         stopped, true,  true",
  })
  void isDue(String policy, String end, boolean rebooted, boolean due) {
    assertThat(Revivals.isDue(RestartPolicy.parse(policy), end(end), rebooted)).isEqualTo(due);
  }
}

package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Health;
import dev.pinnace.spec.Health.Check;
import dev.pinnace.spec.Health.Status;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Docker's rules for health. */
class HealthProgressTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final HealthSpec SPEC =
      HealthSpec.command("x")
          .withInterval(Duration.ofSeconds(30))
          .withStartInterval(Duration.ofSeconds(5))
          .withTimeout(Duration.ofSeconds(1))
          .withRetries(2);
  private static final HealthSpec PATIENT = SPEC.withStartPeriod(Duration.ofSeconds(60));

  private static Check check(int second, int code) {
    Instant start = START.plusSeconds(second);
    return new Check(start, start.plusSeconds(1), code, "at " + second);
  }

  private static Health after(HealthSpec spec, Health before, int second, int code) {
    return HealthProgress.after(before, check(second, code), spec, START);
  }

  @Test
  void after_soManyFailuresInARow_isUnhealthy_andASuccessEndsThem() {
    Health one = after(SPEC, Health.UNKNOWN, 30, 1);
    assertThat(one.status()).isEqualTo(Status.STARTING);
    assertThat(one.failingStreak()).isEqualTo(1);
    Health two = after(SPEC, one, 60, -1);
    assertThat(two.status()).isEqualTo(Status.UNHEALTHY);
    assertThat(two.failingStreak()).isEqualTo(2);
    assertThat(after(SPEC, two, 90, 1).failingStreak()).isEqualTo(3);
    Health well = after(SPEC, two, 90, 0);
    assertThat(well.status()).isEqualTo(Status.HEALTHY);
    assertThat(well.failingStreak()).isZero();
    Health once = after(SPEC, well, 120, 1);
    assertThat(once.status()).isEqualTo(Status.HEALTHY);
    assertThat(after(SPEC, once, 150, 127).status()).isEqualTo(Status.UNHEALTHY);
  }

  @Test
  void after_failuresInTheStartPeriod_doNotCount_beforeTheFirstSuccess() {
    Health starting = after(PATIENT, Health.UNKNOWN, 5, 1);
    starting = after(PATIENT, starting, 11, 1);
    starting = after(PATIENT, starting, 59, 1);
    assertThat(starting.status()).isEqualTo(Status.STARTING);
    assertThat(starting.failingStreak()).isZero();
    assertThat(starting.log()).hasSize(3);
    assertThat(after(PATIENT, starting, 60, 1).failingStreak()).isEqualTo(1);
    Health well = after(PATIENT, starting, 20, 0);
    Health ill = after(PATIENT, after(PATIENT, well, 30, 1), 40, 1);
    assertThat(ill.status()).isEqualTo(Status.UNHEALTHY);
  }

  @Test
  void after_keepsTheLastFive() {
    Health health = Health.UNKNOWN;
    for (int second = 1; second <= 7; second++) {
      health = after(SPEC, health, second, 0);
    }
    assertThat(health.log())
        .extracting(Check::output)
        .containsExactly("at 3", "at 4", "at 5", "at 6", "at 7");
    assertThat(health.checked()).contains(START.plusSeconds(8));
  }

  @Test
  void untilNext_fromTheStartOrTheLastCheck() {
    assertThat(HealthProgress.untilNext(Health.UNKNOWN, SPEC, START, START.plusSeconds(10)))
        .isEqualTo(Duration.ofSeconds(20));
    Health checked = after(SPEC, Health.UNKNOWN, 30, 0);
    assertThat(HealthProgress.untilNext(checked, SPEC, START, START.plusSeconds(41)))
        .isEqualTo(Duration.ofSeconds(20));
    assertThat(HealthProgress.untilNext(checked, SPEC, START, START.plusSeconds(100))).isNegative();
  }

  /** Else there were no check before the clock has come to where it was. */
  @Test
  void untilNext_afterTheClockWasSetBack_isNow() {
    Health checked = after(SPEC, Health.UNKNOWN, 30, 0);
    assertThat(HealthProgress.untilNext(checked, SPEC, START, START.minusSeconds(1000))).isZero();
    assertThat(HealthProgress.untilNext(Health.UNKNOWN, PATIENT, START, START.minusSeconds(1000)))
        .isZero();
    Health again = after(SPEC, checked, -999, 0);
    assertThat(HealthProgress.untilNext(again, SPEC, START, START.minusSeconds(990)))
        .isEqualTo(Duration.ofSeconds(22));
  }

  @Test
  void after_theClockWasSetBack_failuresCount() {
    assertThat(after(PATIENT, Health.UNKNOWN, -1000, 1).failingStreak()).isEqualTo(1);
  }

  @Test
  void untilNext_moreOftenInTheStartPeriod_beforeTheFirstSuccess() {
    assertThat(HealthProgress.untilNext(Health.UNKNOWN, PATIENT, START, START))
        .isEqualTo(Duration.ofSeconds(5));
    Health well = after(PATIENT, Health.UNKNOWN, 5, 0);
    assertThat(HealthProgress.untilNext(well, PATIENT, START, START.plusSeconds(6)))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(HealthProgress.untilNext(Health.UNKNOWN, PATIENT, START, START.plusSeconds(61)))
        .isNegative();
  }
}

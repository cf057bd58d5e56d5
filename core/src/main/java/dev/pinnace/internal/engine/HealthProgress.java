package dev.pinnace.internal.engine;

import dev.pinnace.spec.Health;
import dev.pinnace.spec.Health.Check;
import dev.pinnace.spec.Health.Status;
import dev.pinnace.spec.HealthSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Docker's rules: when a container is checked, and what a check makes of its health. */
final class HealthProgress {
  private static final int KEPT = 5;

  private HealthProgress() {}

  /**
   * Its health after one more check.
   *
   * @param spec of the check, with all defaults
   * @param started its run
   */
  static Health after(Health before, Check check, HealthSpec spec, Instant started) {
    List<Check> log = new ArrayList<>(before.log());
    log.add(check);
    List<Check> last = log.subList(Math.max(0, log.size() - KEPT), log.size());
    if (check.exitCode() == 0) {
      return new Health(Status.HEALTHY, 0, last);
    }
    if (isStarting(before, spec, started, check.start())) {
      return new Health(before.status(), before.failingStreak(), last);
    }
    int streak = before.failingStreak() + 1;
    boolean ill = streak >= spec.retries().orElseThrow();
    return new Health(ill ? Status.UNHEALTHY : before.status(), streak, last);
  }

  /** How long to wait for the next one: not at all where the clock was set back meanwhile. */
  static Duration untilNext(Health health, HealthSpec spec, Instant started, Instant now) {
    Duration interval =
        isStarting(health, spec, started, now)
            ? spec.startInterval().orElseThrow()
            : spec.interval().orElseThrow();
    Duration passed = Duration.between(health.checked().orElse(started), now);
    return passed.isNegative() ? Duration.ZERO : interval.minus(passed);
  }

  /** Where the clock was set back to before its start nobody knows, and no period lasts for it. */
  private static boolean isStarting(Health health, HealthSpec spec, Instant started, Instant now) {
    Duration passed = Duration.between(started, now);
    return health.status() == Status.STARTING
        && !passed.isNegative()
        && spec.startPeriod().filter(period -> passed.compareTo(period) < 0).isPresent();
  }
}

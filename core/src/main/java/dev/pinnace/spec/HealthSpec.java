package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to see whether a container is well: a program is executed in it again and again, as the
 * container's user, and ends with 0 where that is so. What is not said is what the image says, or
 * by default: every 30 seconds, each check for 30 seconds at most, unhealthy after three failures
 * in a row, no start period, and while that lasts a check every 5 seconds. Immutable.
 *
 * <p>Checks are run by one engine at a time, of those that have the container in view: that have
 * started it, wait for it, or follow its log. While there is none its health stays as it was.
 *
 * @param test {@code NONE}; {@code CMD} and a program with its arguments; {@code CMD-SHELL} and a
 *     line for the image's shell, {@code /bin/sh -c} by default; nothing for the image's
 * @param interval from the start, and from the end of a check, to the next check
 * @param timeout after which a check has failed, and is killed with all that it has started; what
 *     one that has ended by itself leaves running goes on
 * @param retries how many failures in a row make the container unhealthy
 * @param startPeriod after the start, in which failures do not count before the first success
 * @param startInterval takes the place of {@code interval} until then
 */
public record HealthSpec(
    List<String> test,
    Optional<Duration> interval,
    Optional<Duration> timeout,
    OptionalInt retries,
    Optional<Duration> startPeriod,
    Optional<Duration> startInterval) {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** An image has it in nanoseconds. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private static final String NONE = "NONE";

  /**
   * @throws InvalidSpecException if there is no such test, a duration is less than a millisecond,
   *     or the number of retries is not positive
   */
  public HealthSpec {
    test = List.copyOf(test);
    checkTest(test);
    interval.ifPresent(time -> checkTime("interval", time));
    timeout.ifPresent(time -> checkTime("timeout", time));
    startPeriod.ifPresent(time -> checkTime("start period", time));
    startInterval.ifPresent(time -> checkTime("start interval", time));
    if (retries.isPresent() && retries.getAsInt() < 1) {
      throw new InvalidSpecException(
          "the retries of a health check must be positive: " + retries.getAsInt());
    }
  }

  private static void checkTest(List<String> test) {
    Checks.noNuls("the health check", test);
    String kind = test.isEmpty() ? "" : test.get(0);
    boolean fits =
        switch (kind) {
          case "" -> test.isEmpty();
          case NONE -> test.size() == 1;
          case "CMD" -> test.size() > 1 && !test.get(1).isEmpty();
          case "CMD-SHELL" -> test.size() == 2;
          default -> false;
        };
    if (!fits) {
      throw new InvalidSpecException(
          "the health check "
              + test
              + " is none: write NONE, CMD and a program with its arguments, or CMD-SHELL and a"
              + " line");
    }
  }

  private static void checkTime(String what, Duration time) {
    if (time.compareTo(SHORTEST) < 0) {
      throw new InvalidSpecException(
          "the "
              + what
              + " of a health check must be at least a millisecond: "
              + time
              + "; leave it out for what the image says, or the default");
    }
    if (time.compareTo(LONGEST) > 0) {
      throw new InvalidSpecException(
          "the " + what + " of a health check must be less than 292 years: " + time);
    }
  }

  /** A program that ends with 0 if the container is well. */
  public static HealthSpec command(String... command) {
    Objects.requireNonNull(command, "command");
    List<String> test = new ArrayList<>(List.of("CMD"));
    test.addAll(List.of(command));
    return of(test);
  }

  /** The same as a line for the image's shell. */
  public static HealthSpec shell(String line) {
    Objects.requireNonNull(line, "line");
    return of(List.of("CMD-SHELL", line));
  }

  /** No checks, whatever the image says. */
  public static HealthSpec none() {
    return of(List.of(NONE));
  }

  /** The image's own check, to be run at other times; none where the image says {@code NONE}. */
  public static HealthSpec image() {
    return of(List.of());
  }

  private static HealthSpec of(List<String> test) {
    return new HealthSpec(
        test,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether this asks for no checks. */
  public boolean isNone() {
    return test.equals(List.of(NONE));
  }

  public HealthSpec withInterval(Duration time) {
    Objects.requireNonNull(time, "time");
    return new HealthSpec(test, Optional.of(time), timeout, retries, startPeriod, startInterval);
  }

  public HealthSpec withTimeout(Duration time) {
    Objects.requireNonNull(time, "time");
    return new HealthSpec(test, interval, Optional.of(time), retries, startPeriod, startInterval);
  }

  public HealthSpec withRetries(int number) {
    return new HealthSpec(
        test, interval, timeout, OptionalInt.of(number), startPeriod, startInterval);
  }

  public HealthSpec withStartPeriod(Duration time) {
    Objects.requireNonNull(time, "time");
    return new HealthSpec(test, interval, timeout, retries, Optional.of(time), startInterval);
  }

  public HealthSpec withStartInterval(Duration time) {
    Objects.requireNonNull(time, "time");
    return new HealthSpec(test, interval, timeout, retries, startPeriod, Optional.of(time));
  }
}

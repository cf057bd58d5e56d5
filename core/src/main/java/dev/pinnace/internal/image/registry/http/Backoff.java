package dev.pinnace.internal.image.registry.http;

import dev.pinnace.error.CancelledException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next attempt: twice as long each time, give or take a half, so that
 * many who failed together do not come back together; or as long as the server asks for.
 */
public final class Backoff {
  /**
   * The longest that a server's {@code Retry-After} is followed; one that asks more has refused.
   */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST_OF_OURS = Duration.ofSeconds(10);
  private static final int MOST_DOUBLINGS = 10;

  private Backoff() {}

  /** The pause before attempt {@code number}, of which the first is 1. */
  public static Duration before(int number) {
    long full =
        Math.min(
            LONGEST_OF_OURS.toMillis(),
            FIRST.toMillis() << Math.min(MOST_DOUBLINGS, Math.max(0, number - 1)));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(full / 2, full + full / 2));
  }

  /**
   * The pause before attempt {@code number} to get a better answer than that; empty when another
   * attempt does not help, or is wanted later than anybody waits for. 408, 429, 500, 502, 503 and
   * 504 pass.
   */
  public static Optional<Duration> after(Response answer, int number) {
    if (!isPassing(answer.status())) {
      return Optional.empty();
    }
    Optional<Duration> asked = asked(answer.headers(), ZonedDateTime.now(ZoneOffset.UTC));
    return Optional.of(asked.orElseGet(() -> before(number)))
        .filter(pause -> pause.compareTo(LONGEST) <= 0);
  }

  /** Whether another attempt may get a better answer than one of that status. */
  static boolean isPassing(int status) {
    return PASSING.contains(status);
  }

  /** What {@code Retry-After} says, in seconds or as a date (RFC 9110, 10.2.3). */
  private static Optional<Duration> asked(Headers headers, ZonedDateTime now) {
    return headers.first("Retry-After").flatMap(value -> read(value, now));
  }

  private static Optional<Duration> read(String value, ZonedDateTime now) {
    if (value.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Duration until =
          Duration.between(now, ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  /**
   * Waits.
   *
   * @throws CancelledException if the thread is interrupted
   */
  public static void pause(Duration length, String why) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting to try again: " + why, e);
    }
  }
}

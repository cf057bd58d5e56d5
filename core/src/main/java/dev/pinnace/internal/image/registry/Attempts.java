package dev.pinnace.internal.image.registry;

import dev.pinnace.internal.image.registry.http.Backoff;
import java.time.Duration;

/**
 * Counts how often a transfer fails, anew when it has come a good piece further than ever: a long
 * one over a bad line arrives, and one that comes a byte further each time does not go on for ever.
 * For one thread.
 */
final class Attempts {
  private static final long GOOD_PIECE = 1 << 20;

  private final int retries;
  private long furthest;
  private int failures;

  /**
   * @param retries how many failures may be followed by another attempt
   * @param from where the transfer begins
   */
  Attempts(int retries, long from) {
    this.retries = retries;
    this.furthest = from;
  }

  /** Counts a failure at a position; whether another attempt may follow. */
  boolean mayFollow(long position) {
    failures = position - furthest >= GOOD_PIECE ? 1 : failures + 1;
    furthest = Math.max(furthest, position);
    return failures <= retries;
  }

  /** How many failures count now. */
  int failures() {
    return failures;
  }

  /** How long to wait before the next attempt. */
  Duration pause() {
    return Backoff.before(failures);
  }
}

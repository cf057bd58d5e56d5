package dev.pinnace.internal.image.registry.auth;

import java.util.concurrent.TimeUnit;

/**
 * A bearer token.
 *
 * @param until when it is renewed, of {@link System#nanoTime}
 * @param refresh an identity token that came with it; often empty
 */
record Token(String value, long until, String refresh) {
  private static final long USUAL_SECONDS = 60;
  private static final long LONGEST_SECONDS = TimeUnit.DAYS.toSeconds(1);
  private static final int MARGIN = 5;

  /** A token that is used for four fifths of the time that it is said to live. */
  static Token of(String value, long expiresIn, String refresh) {
    long seconds = expiresIn <= 0 ? USUAL_SECONDS : Math.min(expiresIn, LONGEST_SECONDS);
    long usable = TimeUnit.SECONDS.toNanos(seconds);
    return new Token(value, System.nanoTime() + usable - usable / MARGIN, refresh);
  }

  boolean isFresh() {
    return System.nanoTime() - until < 0;
  }
}

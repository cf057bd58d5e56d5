package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;

/** What the parts of a builder have in common. */
abstract class SpecOptions<B> {
  /** The builder, for the next call. */
  abstract B self();

  /** What is thrown when two options contradict each other. */
  static InvalidSpecException conflict(String asked, String earlier) {
    return new InvalidSpecException(asked + " contradicts " + earlier + ", which was set before");
  }

  static Duration notNegative(String what, Duration duration) {
    if (duration.isNegative()) {
      throw new InvalidSpecException(what + " cannot be negative: " + duration);
    }
    return duration;
  }
}

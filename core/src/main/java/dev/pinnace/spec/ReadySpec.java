package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.Objects;

/**
 * What a start waits for; see {@link ContainerSpecBuilder#ready}.
 *
 * @param condition what is to hold
 * @param limit how long it may take from the start of its program; positive
 */
public record ReadySpec(Ready condition, Duration limit) {
  static final Duration USUAL_LIMIT = Duration.ofMinutes(1);

  public ReadySpec {
    Objects.requireNonNull(condition, "condition");
    Objects.requireNonNull(limit, "limit");
    if (limit.isZero() || limit.isNegative()) {
      throw new InvalidSpecException(
          "a container needs some time to be ready, so the limit must be positive: " + limit);
    }
  }
}

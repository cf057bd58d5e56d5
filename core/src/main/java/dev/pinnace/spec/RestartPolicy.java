package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * When a container is started again after it has ended. The supervisor does it, with a pause that
 * doubles from 100 ms to a minute and starts afresh after a run of ten seconds; stopping a
 * container beats its policy.
 *
 * <p>A {@linkplain Lifetime#DETACHED detached} container whose supervisor was killed, or that ran
 * when the machine went down, is started by the next engine that opens on its root, unless its
 * policy is {@link Kind#NO}. After a reboot that also starts containers with {@link Kind#ALWAYS}
 * that had ended, and those with {@link Kind#UNLESS_STOPPED} that had ended unasked.
 *
 * @param kind when
 * @param maximum with {@link Kind#ON_FAILURE}, how often; 0 without limit
 */
public record RestartPolicy(Kind kind, int maximum) {
  /** Occasions for a restart. */
  public enum Kind {
    NO,
    ON_FAILURE,
    ALWAYS,
    UNLESS_STOPPED
  }

  public RestartPolicy {
    if (maximum < 0 || (maximum > 0 && kind != Kind.ON_FAILURE)) {
      throw new InvalidSpecException(
          "a restart maximum of " + maximum + " goes with on-failure only, and is not negative");
    }
  }

  public static RestartPolicy never() {
    return new RestartPolicy(Kind.NO, 0);
  }

  /** Again after every failure. */
  public static RestartPolicy onFailure() {
    return new RestartPolicy(Kind.ON_FAILURE, 0);
  }

  /** Again after a failure, at most {@code times}. */
  public static RestartPolicy onFailure(int times) {
    return new RestartPolicy(Kind.ON_FAILURE, times);
  }

  public static RestartPolicy always() {
    return new RestartPolicy(Kind.ALWAYS, 0);
  }

  public static RestartPolicy unlessStopped() {
    return new RestartPolicy(Kind.UNLESS_STOPPED, 0);
  }

  /**
   * Reads Docker's {@code no}, {@code on-failure[:N]}, {@code always} and {@code unless-stopped}.
   *
   * @throws InvalidSpecException for anything else
   */
  public static RestartPolicy parse(String text) {
    String[] parts = text.split(":", 2);
    try {
      int maximum = parts.length == 2 ? Integer.parseInt(parts[1]) : 0;
      switch (parts[0]) {
        case "no", "" -> {
          return new RestartPolicy(Kind.NO, maximum);
        }
        case "on-failure" -> {
          return new RestartPolicy(Kind.ON_FAILURE, maximum);
        }
        case "always" -> {
          return new RestartPolicy(Kind.ALWAYS, maximum);
        }
        case "unless-stopped" -> {
          return new RestartPolicy(Kind.UNLESS_STOPPED, maximum);
        }
        default ->
            throw new InvalidSpecException(
                "\""
                    + text
                    + "\" is not a restart policy: use no, on-failure[:N], always or unless-stopped");
      }
    } catch (NumberFormatException e) {
      throw new InvalidSpecException(
          "\"" + parts[1] + "\" in the restart policy \"" + text + "\" is not a number", e);
    }
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    return maximum > 0 ? name + ":" + maximum : name;
  }
}

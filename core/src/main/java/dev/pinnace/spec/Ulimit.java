package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Locale;
import java.util.Set;

/**
 * A per-process limit (getrlimit(2)).
 *
 * @param name in lower case without RLIMIT_: {@code nofile}
 * @param soft in force; -1 for no limit
 * @param hard ceiling; -1 for no limit
 */
public record Ulimit(String name, long soft, long hard) {
  private static final Set<String> NAMES =
      Set.of(
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack",
          "as");

  public Ulimit {
    if (!NAMES.contains(name)) {
      throw new InvalidSpecException(
          "there is no ulimit \"" + name + "\": use one of " + new java.util.TreeSet<>(NAMES));
    }
    if (soft < -1 || hard < -1) {
      throw new InvalidSpecException(
          "ulimit " + name + ": " + Math.min(soft, hard) + " is negative; -1 is for no limit");
    }
    if (name.equals("nofile") && soft == 0) {
      throw new InvalidSpecException(
          "ulimit nofile: with a soft limit of 0 no program could open a file: at least 1");
    }
    if ((hard != -1 && (soft == -1 || soft > hard))) {
      throw new InvalidSpecException(
          "ulimit " + name + ": the soft limit " + soft + " is above the hard limit " + hard);
    }
  }

  /**
   * Reads Docker's {@code nofile=1024:2048} or {@code nofile=1024}.
   *
   * @throws InvalidSpecException for anything else
   */
  public static Ulimit parse(String text) {
    String[] sides = text.split("=", 2);
    if (sides.length != 2) {
      throw new InvalidSpecException(
          "\"" + text + "\" is not a ulimit: write name=soft[:hard], as in nofile=1024:2048");
    }
    String[] numbers = sides[1].split(":", 2);
    try {
      long soft = number(numbers[0]);
      return new Ulimit(
          sides[0].toLowerCase(Locale.ROOT), soft, numbers.length == 2 ? number(numbers[1]) : soft);
    } catch (NumberFormatException e) {
      throw new InvalidSpecException(
          "\"" + sides[1] + "\" in the ulimit \"" + text + "\" is not a number", e);
    }
  }

  private static long number(String text) {
    return text.equals("unlimited") ? -1 : Long.parseLong(text);
  }

  @Override
  public String toString() {
    return name + "=" + soft + ":" + hard;
  }
}

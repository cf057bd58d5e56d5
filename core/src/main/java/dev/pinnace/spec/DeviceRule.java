package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something that a container may do with devices, written as Docker's {@code --device-cgroup-rule}
 * and the kernel's devices.allow have it: {@code c 1:3 rwm}, {@code b *:* m}, {@code a *:* rwm}.
 *
 * @param type {@code c}, {@code b}, or {@code a} for both
 * @param major number; empty for every one
 * @param minor number; empty for every one
 * @param access of the letters {@code r}, {@code w} and {@code m} (mknod)
 */
public record DeviceRule(char type, OptionalLong major, OptionalLong minor, String access) {
  private static final Pattern SYNTAX =
      Pattern.compile("([abc]) (\\*|[0-9]{1,9}):(\\*|[0-9]{1,9}) ([rwm]{1,3})");

  /**
   * The rule that {@code text} says.
   *
   * @throws InvalidSpecException when it is none
   */
  public static DeviceRule parse(String text) {
    Objects.requireNonNull(text, "text");
    Matcher parts = SYNTAX.matcher(text);
    if (!parts.matches()) {
      throw new InvalidSpecException(
          "\"" + text + "\" is not a device rule: write TYPE MAJOR:MINOR ACCESS, as in c 1:3 rwm");
    }
    return new DeviceRule(
        parts.group(1).charAt(0), number(parts.group(2)), number(parts.group(3)), parts.group(4));
  }

  private static OptionalLong number(String text) {
    return text.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  /** Whether it leaves nothing to forbid. */
  public boolean permitsEverything() {
    return type == 'a'
        && major.isEmpty()
        && minor.isEmpty()
        && "rwm".chars().allMatch(letter -> access.indexOf(letter) >= 0);
  }
}

package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes.
 *
 * @param count not negative
 */
public record Bytes(long count) implements Comparable<Bytes> {
  /** Nothing. */
  public static final Bytes ZERO = new Bytes(0);

  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,18})(\\.\\d{1,6})?\\s*([kmgtp]?)(i?b)?");
  private static final String UNITS = " kmgtp";

  public Bytes {
    if (count < 0) {
      throw new InvalidSpecException("a size cannot be negative: " + count);
    }
  }

  public static Bytes of(long count) {
    return new Bytes(count);
  }

  /** {@code count} times 1,024. */
  public static Bytes kibi(long count) {
    return new Bytes(Math.multiplyExact(count, 1L << 10));
  }

  /** {@code count} times 1,048,576. */
  public static Bytes mebi(long count) {
    return new Bytes(Math.multiplyExact(count, 1L << 20));
  }

  /** {@code count} times 1,073,741,824. */
  public static Bytes gibi(long count) {
    return new Bytes(Math.multiplyExact(count, 1L << 30));
  }

  /**
   * Reads {@code 256m}, {@code 1.5g}, {@code 64KiB} or {@code 1048576}; units are powers of 1,024
   * as Docker has them.
   *
   * @throws InvalidSpecException for anything else
   */
  public static Bytes parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new InvalidSpecException(
          "\"" + text + "\" is not a size: write a number and b, k, m or g, as in 256m");
    }
    String unit = matcher.group(3);
    int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit);
    double scale = Math.pow(1024, power);
    String fraction = matcher.group(2);
    double value =
        Long.parseLong(matcher.group(1)) * scale
            + (fraction == null ? 0 : Double.parseDouble("0" + fraction) * scale);
    if (value > Long.MAX_VALUE / 2.0) {
      throw new InvalidSpecException("\"" + text + "\" is more than a file system can hold");
    }
    return fraction == null
        ? new Bytes(Long.parseLong(matcher.group(1)) << (10 * power))
        : new Bytes((long) value);
  }

  @Override
  public int compareTo(Bytes other) {
    return Long.compare(count, other.count);
  }

  /** {@code 256MiB}; exact numbers of the largest unit that fits. */
  @Override
  public String toString() {
    String[] names = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    double value = count;
    while (value >= 1024 && unit < names.length - 1) {
      value /= 1024;
      unit++;
    }
    String number =
        value == Math.rint(value)
            ? Long.toString((long) value)
            : String.format(Locale.ROOT, "%.1f", value);
    return number + names[unit];
  }
}

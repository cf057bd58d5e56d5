package dev.pinnace.examples.cli;

import dev.pinnace.spec.Bytes;
import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers of bytes as Docker writes them, in decimal units: a kB is 1,000 bytes. */
final class Sizes {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Sizes() {}

  /** With four digits at most: {@code 7.398MB}. */
  static String of(long bytes) {
    return rounded(bytes, 4);
  }

  /** With three digits at most, as in lists of images: {@code 7.4MB}. */
  static String brief(Bytes bytes) {
    return rounded(bytes.count(), 3);
  }

  static String of(Bytes bytes) {
    return of(bytes.count());
  }

  private static String rounded(long bytes, int digits) {
    BigDecimal value = BigDecimal.valueOf(bytes);
    int unit = 0;
    while (value.compareTo(BigDecimal.valueOf(1000)) >= 0 && unit + 1 < UNITS.length) {
      value = value.movePointLeft(3);
      unit++;
    }
    BigDecimal shown = unit == 0 ? value : value.round(new MathContext(digits));
    return shown.signum() == 0 ? "0B" : shown.stripTrailingZeros().toPlainString() + UNITS[unit];
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.spec.Bytes;
import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers of bytes as Docker writes them, in decimal units: a kB is 1,000 bytes. */
final class Sizes {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
  private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

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

  /** Memory, in powers of 1,024 with four digits at most: {@code 7.055MiB}. */
  static String binary(Bytes bytes) {
    return rounded(bytes.count(), 4, 1024, BINARY_UNITS);
  }

  private static String rounded(long bytes, int digits) {
    return rounded(bytes, digits, 1000, UNITS);
  }

  private static String rounded(long bytes, int digits, int scale, String[] units) {
    BigDecimal value = BigDecimal.valueOf(bytes);
    BigDecimal step = BigDecimal.valueOf(scale);
    int unit = 0;
    while (value.compareTo(step) >= 0 && unit + 1 < units.length) {
      value = value.divide(step, MathContext.DECIMAL64);
      unit++;
    }
    BigDecimal shown = unit == 0 ? value : value.round(new MathContext(digits));
    return shown.signum() == 0 ? "0B" : shown.stripTrailingZeros().toPlainString() + units[unit];
  }
}

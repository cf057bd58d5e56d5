package dev.pinnace.internal.layer;

/** Numbers in tar headers: octal text, or base 256 where the first byte's high bit is set. */
final class TarNumber {
  private TarNumber() {}

  /**
   * Reads a field.
   *
   * @throws IllegalArgumentException if it is no number or does not fit a long
   */
  static long parse(byte[] header, int from, int length) {
    if ((header[from] & 0x80) != 0) {
      return parseBinary(header, from, length);
    }
    int at = from;
    int end = from + length;
    while (at < end && header[at] == ' ') {
      at++;
    }
    long value = 0;
    for (; at < end && header[at] != 0 && header[at] != ' '; at++) {
      int digit = header[at] - '0';
      if (digit < 0 || digit > 7 || value > Long.MAX_VALUE >> 3) {
        throw new IllegalArgumentException("a number in the header is not octal");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private static long parseBinary(byte[] header, int from, int length) {
    boolean negative = (header[from] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int digit = header[from + i] & 0xFF;
      if (i == 0) {
        digit = negative ? digit | 0x80 : digit & 0x7F;
        digit = negative ? (byte) digit : digit;
        value = digit;
        continue;
      }
      if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
        throw new IllegalArgumentException("a number in the header needs more than 64 bits");
      }
      value = value << 8 | digit;
    }
    return value;
  }

  /**
   * Reads decimal digits, as in PAX records.
   *
   * @throws IllegalArgumentException if it is no such number or does not fit a long
   */
  static long parseDecimal(String text) {
    if (text.isEmpty() || text.startsWith("+")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a number");
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException malformed) {
      throw new IllegalArgumentException("\"" + text + "\" is not a number", malformed);
    }
  }

  /** Writes {@code length - 1} octal digits and a NUL; the value must fit. */
  static void format(long value, byte[] header, int from, int length) {
    long rest = value;
    for (int i = from + length - 2; i >= from; i--) {
      header[i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
    header[from + length - 1] = 0;
  }

  /** Whether {@link #format} can write it. */
  static boolean fits(long value, int length) {
    return value >= 0 && value < 1L << (3 * (length - 1));
  }
}

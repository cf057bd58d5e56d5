package dev.pinnace.linux.file;

import java.nio.charset.StandardCharsets;

/**
 * File names are bytes in Linux and Strings here, without loss: what is valid UTF-8 reads as usual,
 * and any other byte {@code 0xNN} is carried as the lone surrogate {@code U+DCNN} (the scheme of
 * Python's PEP 383). Everything in this package that takes or returns a name uses it.
 */
public final class FileName {
  private static final char ESCAPED_FROM = '\uDC80';
  private static final char ESCAPED_TO = '\uDCFF';

  private FileName() {}

  /** The String that stands for {@code bytes}. */
  public static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /** The String that stands for {@code length} bytes from {@code from}. */
  public static String decode(byte[] bytes, int from, int length) {
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0 ? text : decodeEscaping(bytes, from, from + length);
  }

  private static String decodeEscaping(byte[] bytes, int from, int end) {
    StringBuilder text = new StringBuilder(end - from);
    int at = from;
    while (at < end) {
      int length = validSequence(bytes, at, end);
      if (length == 0) {
        text.append((char) (0xDC00 | (bytes[at] & 0xFF)));
        at++;
      } else {
        text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
        at += length;
      }
    }
    return text.toString();
  }

  /** Length of the UTF-8 sequence at {@code at} (RFC 3629), 0 if there is no valid one. */
  private static int validSequence(byte[] bytes, int at, int end) {
    int first = bytes[at] & 0xFF;
    if (first < 0x80) {
      return 1;
    }
    int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > end) {
      return 0;
    }
    int second = bytes[at + 1] & 0xFF;
    int low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return length;
  }

  /**
   * The bytes that {@code name} stands for, without a terminator.
   *
   * @throws IllegalArgumentException if it holds a NUL, which no Linux name can
   */
  public static byte[] encode(String name) {
    boolean escaped = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == 0) {
        throw new IllegalArgumentException("a file name must not hold a NUL: " + display(name));
      }
      escaped |= c >= ESCAPED_FROM && c <= ESCAPED_TO;
    }
    return escaped ? encodeEscaped(name) : name.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] encodeEscaped(String name) {
    byte[] bytes = new byte[name.length() * 3];
    int count = 0;
    int at = 0;
    while (at < name.length()) {
      char c = name.charAt(at);
      if (c >= ESCAPED_FROM && c <= ESCAPED_TO) {
        bytes[count++] = (byte) c;
        at++;
      } else {
        int next = name.offsetByCodePoints(at, 1);
        byte[] plain = name.substring(at, next).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(plain, 0, bytes, count, plain.length);
        count += plain.length;
        at = next;
      }
    }
    return java.util.Arrays.copyOf(bytes, count);
  }

  /**
   * {@code name} for a message: quoted, with control characters and escaped bytes as {@code \xNN}
   * and what is longer than 200 characters cut.
   */
  public static String display(String name) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < Math.min(name.length(), 200); i++) {
      char c = name.charAt(i);
      boolean lone =
          c >= ESCAPED_FROM
              && c <= ESCAPED_TO
              && (i == 0 || !Character.isHighSurrogate(name.charAt(i - 1)));
      if (c < 0x20 || c == 0x7F || lone) {
        text.append(String.format("\\x%02x", c & 0xFF));
      } else if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else {
        text.append(c);
      }
    }
    if (name.length() > 200) {
      text.append("... (").append(name.length()).append(" characters)");
    }
    return text.append('"').toString();
  }
}

package dev.pinnace.error;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text of strangers (an image's, a registry's, a container's) as a terminal may have it. What would
 * move its cursor, change its state or turn the order of what is read is written as {@code \u001b}:
 * control characters, the controls of the bidirectional algorithm, and the line and paragraph
 * separators of Unicode. Every message of a {@link PinnaceException} is so.
 */
public final class Printable {
  /** Unicode's Cc; its property Bidi_Control; its Zl and Zp. */
  private static final String FOREIGN =
      "\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069";

  private static final Pattern IN_LINES = Pattern.compile("[" + FOREIGN + "&&[^\\n\\t]]");
  private static final Pattern IN_A_LINE = Pattern.compile("[" + FOREIGN + "]");

  private Printable() {}

  /** Text that may have several lines: ends of lines ({@code \n}) and tabs stay. */
  public static String lines(String text) {
    return escaped(text, IN_LINES);
  }

  /** Text that stands inside a line: what would end it is escaped too. */
  public static String line(String text) {
    return escaped(text, IN_A_LINE);
  }

  private static String escaped(String text, Pattern foreign) {
    Matcher found = foreign.matcher(text);
    return found.find()
        ? found.replaceAll(
            match ->
                Matcher.quoteReplacement(
                    String.format(Locale.ROOT, "\\u%04x", (int) match.group().charAt(0))))
        : text;
  }
}

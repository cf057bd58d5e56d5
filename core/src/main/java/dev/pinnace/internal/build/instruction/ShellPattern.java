package dev.pinnace.internal.build.instruction;

import dev.pinnace.error.InvalidSpecException;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What BuildKit takes for a pattern in {@code ${NAME%pattern}} and its like: {@code *} and {@code
 * ?}, which a backslash makes ordinary, and no brackets. Immutable.
 */
final class ShellPattern {
  private final Pattern regex;

  private ShellPattern(Pattern regex) {
    this.regex = regex;
  }

  /**
   * Reads a pattern.
   *
   * @throws InvalidSpecException when a backslash stands before a character that needs none
   */
  static ShellPattern of(String text) {
    StringBuilder regex = new StringBuilder();
    int[] characters = text.codePoints().toArray();
    for (int i = 0; i < characters.length; i++) {
      switch (characters[i]) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        case '\\' -> {
          i++;
          if (i == characters.length || "*?\\/}".indexOf(characters[i]) < 0) {
            throw new InvalidSpecException(
                "the pattern \"" + text + "\" has a backslash before what is none of *?\\/}");
          }
          regex.append('\\').appendCodePoint(characters[i]);
        }
        default -> regex.append(Pattern.quote(Character.toString(characters[i])));
      }
    }
    return new ShellPattern(Pattern.compile(regex.toString(), Pattern.UNIX_LINES));
  }

  /** Without the shortest or longest beginning that matches. */
  String withoutPrefix(String value, boolean longest) {
    Matcher matcher = regex.matcher(value);
    int end = best(value, longest, at -> matcher.region(0, at).matches());
    return end < 0 ? value : value.substring(end);
  }

  /** Without the shortest or longest end that matches. */
  String withoutSuffix(String value, boolean longest) {
    Matcher matcher = regex.matcher(value);
    int start = best(value, !longest, at -> matcher.region(at, value.length()).matches());
    return start < 0 ? value : value.substring(0, start);
  }

  /** The highest or lowest place in {@code value} that fits, -1 if none does. */
  private static int best(String value, boolean highest, IntPredicate fits) {
    int length = value.length();
    for (int i = 0; i <= length; i++) {
      int at = highest ? length - i : i;
      if (fits.test(at)) {
        return at;
      }
    }
    return -1;
  }

  /** With {@code by} in place of the first or every longest match. */
  String replaced(String value, String by, boolean every) {
    StringBuilder result = new StringBuilder();
    Matcher matcher = regex.matcher(value);
    int done = 0;
    int before = -1;
    while ((every || before < 0) && matcher.find()) {
      // Nothing, right behind a match, is none.
      if (matcher.end() > before) {
        result.append(value, done, matcher.start()).append(by);
        done = matcher.end();
        before = done;
      }
    }
    return result.append(value, done, value.length()).toString();
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A value of {@code --filter}: {@code NAME=VALUE}.
 *
 * @param text as it was given
 * @param name what is looked at; empty where there is no value
 * @param value what it is to be
 */
record FilterFlag(String text, String name, String value) {
  static FilterFlag parse(String text) {
    String[] sides = text.split("=", 2);
    String value = sides.length == 2 ? sides[1] : "";
    return new FilterFlag(text, value.isEmpty() ? "" : sides[0], value);
  }

  /** A label and what it is to be; empty for whatever it is. */
  Map.Entry<String, String> label() {
    String[] label = value.split("=", 2);
    return Map.entry(label[0], label.length == 2 ? label[1] : "");
  }

  /** The regular expression that it is. */
  Pattern pattern() {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      throw new InvalidSpecException(
          "--filter " + text + " is no regular expression: " + e.getDescription(), e);
    }
  }

  boolean isTrue() {
    return switch (value) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new InvalidSpecException("--filter " + text + ": write true or false");
    };
  }

  /**
   * Of a name that is none.
   *
   * @param names those that are
   */
  InvalidSpecException unknown(String names) {
    return new InvalidSpecException("--filter " + text + " is not known: use " + names);
  }
}

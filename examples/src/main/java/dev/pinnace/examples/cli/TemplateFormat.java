package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Go's {@code printf}, as far as templates need it: {@code %s %v %q %d %x %X %t %%}, with a width,
 * {@code -} to fill on the right, {@code 0} to fill numbers, and {@code .N} for so many characters
 * of a text.
 */
final class TemplateFormat {
  private static final Pattern VERB =
      Pattern.compile("%([-0]*)(\\d{1,4})?(?:\\.(\\d{1,4}))?(.?)", Pattern.DOTALL);
  private static final String KNOWN = "svqdxXt%";

  private final String format;
  private final List<Optional<Object>> arguments;
  private final TemplateScope scope;
  private int next;

  private TemplateFormat(String format, List<Optional<Object>> arguments, TemplateScope scope) {
    this.format = format;
    this.arguments = arguments;
    this.scope = scope;
  }

  /**
   * The text.
   *
   * @throws InvalidSpecException for what Go would print a complaint in the text of
   */
  static String of(String format, List<Optional<Object>> arguments, TemplateScope scope) {
    return new TemplateFormat(format, arguments, scope).text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    Matcher verb = VERB.matcher(format);
    int done = 0;
    while (verb.find()) {
      text.append(format, done, verb.start());
      done = verb.end();
      text.append(replacement(verb));
    }
    if (next < arguments.size()) {
      throw wrong("has " + arguments.size() + " values, of which it prints " + next);
    }
    return text.append(format, done, format.length()).toString();
  }

  private String replacement(Matcher verb) {
    String kind = verb.group(4);
    if (kind.isEmpty() || KNOWN.indexOf(kind.charAt(0)) < 0) {
      throw wrong("does not know " + verb.group() + ": there are %s %v %q %d %x %X %t %%");
    } else if (kind.equals("%")) {
      return "%";
    } else if (next == arguments.size()) {
      throw wrong("has no value for " + verb.group());
    }
    @Nullable Object value = arguments.get(next++).orElse(null);
    String text = shown(kind, verb.group(), value);
    boolean number = value instanceof Number;
    if (verb.group(3) != null && !number) {
      text = text.substring(0, text.offsetByCodePoints(0, length(text, verb.group(3))));
    }
    return filled(text, verb.group(1), verb.group(2), number);
  }

  private static int length(String text, String precision) {
    return Math.min(Integer.parseInt(precision), text.codePointCount(0, text.length()));
  }

  private static String filled(
      String text, String flags, @Nullable String width, boolean isNumber) {
    int missing =
        width == null ? 0 : Integer.parseInt(width) - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return text;
    } else if (flags.contains("-")) {
      return text + " ".repeat(missing);
    } else if (!flags.contains("0") || !isNumber) {
      return " ".repeat(missing) + text;
    }
    String sign = text.startsWith("-") ? "-" : "";
    return sign + "0".repeat(missing) + text.substring(sign.length());
  }

  private String shown(String kind, String verb, @Nullable Object value) {
    return switch (kind) {
      case "d" -> Long.toString(whole(verb, value));
      case "t" -> {
        if (value instanceof Boolean truth) {
          yield truth.toString();
        }
        throw wrong("needs true or false for " + verb + ", not \"" + scope.text(value) + "\"");
      }
      case "x" -> hex(verb, value);
      case "X" -> hex(verb, value).toUpperCase(Locale.ROOT);
      case "q" -> Template.json(scope.text(value));
      default -> scope.text(value);
    };
  }

  private String hex(String verb, @Nullable Object value) {
    if (value instanceof Number) {
      long number = whole(verb, value);
      return number < 0 ? "-" + Long.toHexString(-number) : Long.toHexString(number);
    }
    return HexFormat.of().formatHex(scope.text(value).getBytes(StandardCharsets.UTF_8));
  }

  private long whole(String verb, @Nullable Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw wrong("needs a whole number for " + verb + ", not \"" + scope.text(value) + "\"");
  }

  private InvalidSpecException wrong(String what) {
    return new InvalidSpecException("--format: printf \"" + format + "\" " + what);
  }
}

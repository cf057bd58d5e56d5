package dev.pinnace.internal.build.instruction;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts variables into a word and takes its quotes away, as Docker's builder does: {@code $NAME},
 * {@code ${NAME}}, and {@code ${NAME}} with {@code :-word -word :+word +word :?word ?word}, {@code
 * #pattern ##pattern %pattern %%pattern} or {@code /pattern/word //pattern/word}. Nothing is
 * expanded between single quotes or after a backslash. Immutable.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/#environment-replacement">Dockerfile
 *     reference, Environment replacement</a>
 */
final class Expansion {
  private static final int END = -1;

  private final Map<String, String> variables;

  private Expansion(Map<String, String> variables) {
    this.variables = variables;
  }

  /** With the variables of an environment, {@code NAME=value}. */
  static Expansion of(List<String> environment) {
    Map<String, String> variables = new TreeMap<>();
    for (String entry : environment) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        variables.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return new Expansion(variables);
  }

  /**
   * What {@code word} comes to.
   *
   * @throws InvalidSpecException when a quote or brace is not closed, or a variable is demanded
   */
  String of(String word) {
    return new Reading(word).all();
  }

  private final class Reading {
    private final String text;
    private int at;

    Reading(String text) {
      this.text = text;
    }

    String all() {
      return until(END, false);
    }

    /**
     * Reads up to {@code stop} and passes over it.
     *
     * @param raw whether backslashes stay, for what becomes a pattern
     */
    private String until(int stop, boolean raw) {
      StringBuilder result = new StringBuilder();
      while (at < text.length() && text.charAt(at) != stop) {
        char c = text.charAt(at);
        switch (c) {
          case '\'' -> single(result);
          case '"' -> quoted(result, raw);
          case '\\' -> escaped(result, raw);
          case '$' -> result.append(variable());
          default -> {
            result.append(c);
            at++;
          }
        }
      }
      if (stop != END && at >= text.length()) {
        throw wrong(stop == '}' ? "a brace is not closed" : "a pattern does not end with \"/\"");
      }
      at++;
      return result.toString();
    }

    private void single(StringBuilder result) {
      int end = text.indexOf('\'', at + 1);
      if (end < 0) {
        throw wrong("a single quote is not closed");
      }
      result.append(text, at + 1, end);
      at = end + 1;
    }

    private void quoted(StringBuilder result, boolean raw) {
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        char c = text.charAt(at);
        if (c == '$') {
          result.append(variable());
        } else if (c == '\\'
            && at + 1 < text.length()
            && "\"$\\".indexOf(text.charAt(at + 1)) >= 0) {
          escaped(result, raw);
        } else {
          result.append(c);
          at++;
        }
      }
      if (at == text.length()) {
        throw wrong("a double quote is not closed");
      }
      at++;
    }

    private void escaped(StringBuilder result, boolean raw) {
      if (at + 1 < text.length()) {
        result.append(raw ? "\\" : "").append(text.charAt(at + 1));
      }
      at += 2;
    }

    private String variable() {
      at++;
      if (at < text.length() && text.charAt(at) == '{') {
        return braces();
      }
      String name = name();
      return name.isEmpty() ? "$" : variables.getOrDefault(name, "");
    }

    private String name() {
      int start = at;
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')
          && text.charAt(at) < 0x80) {
        at++;
        if (Character.isDigit(text.charAt(start))) {
          break;
        }
      }
      return text.substring(start, at);
    }

    private String braces() {
      at++;
      String name = name();
      String value = variables.get(name);
      char operator = next();
      if (name.isEmpty()) {
        throw wrong("a variable between braces has no name");
      }
      return switch (operator) {
        case '}' -> orEmpty(value);
        case ':' -> conditional(name, "".equals(value) ? null : value, next());
        case '#', '%' -> trimmed(orEmpty(value), operator);
        case '/' -> replaced(orEmpty(value));
        default -> conditional(name, value, operator);
      };
    }

    private static String orEmpty(@Nullable String value) {
      return value == null ? "" : value;
    }

    private char next() {
      if (at >= text.length()) {
        throw wrong("a brace is not closed");
      }
      return text.charAt(at++);
    }

    /** Whether that character is next, which is passed over then. */
    private boolean takes(char wanted) {
      boolean there = at < text.length() && text.charAt(at) == wanted;
      at += there ? 1 : 0;
      return there;
    }

    private String conditional(String name, @Nullable String value, char operator) {
      if ("-+?".indexOf(operator) < 0) {
        throw wrong(
            "there is no such modifier of "
                + name
                + "; there are :- - :+ + :? ? # ## % %% / and //");
      }
      String word = until('}', false);
      return switch (operator) {
        case '-' -> value == null ? word : value;
        case '+' -> value == null ? "" : word;
        default -> {
          if (value == null) {
            throw wrong(name + ": " + (word.isEmpty() ? "it has no value" : word));
          }
          yield value;
        }
      };
    }

    private String trimmed(String value, char operator) {
      boolean longest = takes(operator);
      ShellPattern pattern = pattern('}');
      return operator == '%'
          ? pattern.withoutSuffix(value, longest)
          : pattern.withoutPrefix(value, longest);
    }

    private String replaced(String value) {
      boolean every = takes('/');
      ShellPattern pattern = pattern('/');
      return pattern.replaced(value, until('}', true), every);
    }

    private ShellPattern pattern(char end) {
      String raw = until(end, true);
      try {
        return ShellPattern.of(raw);
      } catch (InvalidSpecException refusal) {
        throw wrong(String.valueOf(refusal.getMessage()));
      }
    }

    private InvalidSpecException wrong(String why) {
      return new InvalidSpecException("\"" + text + "\": " + why);
    }
  }
}

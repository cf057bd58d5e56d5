package dev.pinnace.internal.build.instruction;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts variables into a word and takes its quotes away, as a shell would: {@code $NAME}, {@code
 * ${NAME}}, and {@code ${NAME}} with {@code :-word -word :+word +word :?word ?word}. Nothing is
 * expanded between single quotes or after a backslash. Immutable.
 */
final class Expansion {
  private static final String OPERATORS = "-+?";

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
      StringBuilder result = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at);
        switch (c) {
          case '\'' -> single(result);
          case '"' -> quoted(result);
          case '\\' -> escaped(result);
          case '$' -> result.append(variable());
          default -> {
            result.append(c);
            at++;
          }
        }
      }
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

    private void quoted(StringBuilder result) {
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        char c = text.charAt(at);
        if (c == '$') {
          result.append(variable());
        } else if (c == '\\'
            && at + 1 < text.length()
            && "\"$\\".indexOf(text.charAt(at + 1)) >= 0) {
          escaped(result);
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

    private void escaped(StringBuilder result) {
      if (at + 1 < text.length()) {
        result.append(text.charAt(at + 1));
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
      int end = closing();
      String rest = text.substring(at, end);
      at = end + 1;
      if (name.isEmpty()) {
        throw wrong("a variable between braces has no name");
      }
      String value = variables.get(name);
      if (rest.isEmpty()) {
        return value == null ? "" : value;
      }
      boolean emptyIsUnset = rest.startsWith(":");
      String modifier = emptyIsUnset ? rest.substring(1) : rest;
      if (modifier.isEmpty() || OPERATORS.indexOf(modifier.charAt(0)) < 0) {
        throw wrong("${" + name + rest + "} is not known; there are :- - :+ + :? and ?");
      }
      return modified(name, emptyIsUnset && "".equals(value) ? null : value, modifier);
    }

    private String modified(String name, @Nullable String value, String modifier) {
      String word = new Reading(modifier.substring(1)).all();
      return switch (modifier.charAt(0)) {
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

    private int closing() {
      int depth = 1;
      for (int i = at; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\\') {
          i++;
        } else if (c == '{') {
          depth++;
        } else if (c == '}' && --depth == 0) {
          return i;
        }
      }
      throw wrong("a brace is not closed");
    }

    private InvalidSpecException wrong(String why) {
      return new InvalidSpecException("\"" + text + "\": " + why);
    }
  }
}

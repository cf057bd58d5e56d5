package dev.pinnace.internal.image.registry.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One way to authenticate that a registry offers in {@code WWW-Authenticate} (RFC 9110, 11.6.1).
 *
 * @param scheme lower case: {@code bearer}, {@code basic}
 * @param parameters by lower-case name
 */
record Challenge(String scheme, Map<String, String> parameters) {
  Challenge {
    parameters = Map.copyOf(parameters);
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** Every challenge of the header's values; what is malformed is left out. */
  static List<Challenge> parse(List<String> values) {
    List<Challenge> all = new ArrayList<>();
    values.forEach(value -> new Scanner(value).into(all));
    return all;
  }

  /** A header may have several challenges, parted by commas as their parameters are. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    void into(List<Challenge> all) {
      String scheme = "";
      Map<String, String> parameters = new TreeMap<>();
      while (skipBlanksAndCommas()) {
        String word = word();
        if (word.isEmpty()) {
          break;
        }
        if (takes('=')) {
          parameters.put(word.toLowerCase(Locale.ROOT), value());
        } else {
          add(all, scheme, parameters);
          scheme = word.toLowerCase(Locale.ROOT);
          parameters.clear();
        }
      }
      add(all, scheme, parameters);
    }

    private static void add(List<Challenge> all, String scheme, Map<String, String> parameters) {
      if (!scheme.isEmpty()) {
        all.add(new Challenge(scheme, parameters));
      }
    }

    private boolean skipBlanksAndCommas() {
      while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || peek() == ',')) {
        at++;
      }
      return at < text.length();
    }

    private char peek() {
      return text.charAt(at);
    }

    private String word() {
      int from = at;
      while (at < text.length() && " ,=\"\t".indexOf(peek()) < 0) {
        at++;
      }
      return text.substring(from, at);
    }

    private boolean takes(char wanted) {
      int before = at;
      while (at < text.length() && Character.isWhitespace(peek())) {
        at++;
      }
      if (at < text.length() && peek() == wanted) {
        at++;
        return true;
      }
      at = before;
      return false;
    }

    private String value() {
      while (at < text.length() && Character.isWhitespace(peek())) {
        at++;
      }
      if (at == text.length() || peek() != '"') {
        return word();
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length() && peek() != '"'; at++) {
        if (peek() == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(peek());
      }
      at++;
      return value.toString();
    }
  }
}

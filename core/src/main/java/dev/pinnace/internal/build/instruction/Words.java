package dev.pinnace.internal.build.instruction;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The words of an instruction's arguments. A word ends at a blank that is neither quoted nor
 * escaped; quotes are still there, and {@link Expansion} takes them away.
 */
final class Words {
  private Words() {}

  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
      } else if (quote == 0 && Character.isWhitespace(c)) {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        if (quote == c) {
          quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
          quote = c;
        }
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  /**
   * Names with values: {@code NAME=value NAME2="value 2"}, or the old form {@code NAME the rest of
   * the line}.
   *
   * @param expand takes quotes away and puts variables in
   */
  static Map<String, String> pairs(Instruction instruction, UnaryOperator<String> expand) {
    List<String> words = split(instruction.arguments());
    Map<String, String> pairs = new LinkedHashMap<>();
    if (words.get(0).indexOf('=') < 0) {
      String[] parts = instruction.arguments().split("\\s+", 2);
      if (parts.length < 2) {
        throw instruction.wrong("write NAME=value");
      }
      pairs.put(name(instruction, parts[0], expand), expand.apply(parts[1].strip()));
      return pairs;
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw instruction.wrong("\"" + word + "\" has no value: write NAME=value");
      }
      pairs.put(
          name(instruction, word.substring(0, equals), expand),
          expand.apply(word.substring(equals + 1)));
    }
    return pairs;
  }

  private static String name(
      Instruction instruction, String word, Function<String, String> expand) {
    String name = expand.apply(word);
    if (name.isEmpty()) {
      throw instruction.wrong("a name is empty: write NAME=value");
    }
    return name;
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The options of ps(1) that choose columns, as far as {@code top} has them. */
final class PsOptions {
  private static final List<String> FULL =
      List.of("uid", "pid", "ppid", "c", "stime", "tty", "time", "cmd");
  private static final List<String> PLAIN = List.of("pid", "tty", "time", "ucmd");
  private static final List<String> OF_BSD = List.of("pid", "tty", "stat", "bsdtime", "command");
  private static final List<String> OF_USERS =
      List.of(
          "user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start", "bsdtime",
          "command");

  private boolean full;
  private boolean bsd;
  private boolean users;
  private final List<String> chosen = new ArrayList<>();

  private PsOptions() {}

  /**
   * The columns that {@code options} ask for; without any, those of {@code -ef}.
   *
   * @throws InvalidSpecException for what is not there
   */
  static List<ProcessColumn> columns(List<String> options) {
    PsOptions parsed = new PsOptions();
    for (int i = 0; i < options.size(); i++) {
      boolean takesNext = parsed.word(options.get(i));
      if (takesNext && ++i == options.size()) {
        throw wrong(options.get(i - 1), "it needs a list of columns, as in -o pid,cmd");
      } else if (takesNext) {
        parsed.choose(options.get(i));
      }
    }
    return parsed.names(options.isEmpty()).map(ProcessColumn::of).toList();
  }

  /** Reads letters; whether the last of them takes the next word. */
  private boolean word(String word) {
    boolean dashed = word.startsWith("-");
    String letters = dashed ? word.substring(1) : word;
    if (letters.isEmpty() || letters.startsWith("-")) {
      throw wrong(word, "there are -ef, aux, ax and -o with a list of columns");
    }
    for (int i = 0; i < letters.length(); i++) {
      switch (letters.charAt(i)) {
        case 'e', 'A', 'w' -> {
          // All processes of the container, as wide as they are: that is so anyway.
        }
        case 'a', 'x' -> bsd |= !dashed;
        case 'f' -> full = true;
        case 'u' -> users = true;
        case 'o' -> {
          if (i + 1 == letters.length()) {
            return true;
          }
          choose(letters.substring(i + 1));
          return false;
        }
        default -> throw wrong(word, "there are -ef, aux, ax and -o with a list of columns");
      }
    }
    return false;
  }

  private void choose(String list) {
    for (String name : list.split("[, ]+", -1)) {
      if (!ProcessColumn.isKnown(name)) {
        throw wrong(
            "-o " + list,
            "there is no column \""
                + name
                + "\", there are "
                + String.join(", ", ProcessColumn.names()));
      }
      chosen.add(name);
    }
  }

  private Stream<String> names(boolean none) {
    if (!chosen.isEmpty()) {
      return chosen.stream();
    } else if (users) {
      return OF_USERS.stream();
    } else if (bsd) {
      return OF_BSD.stream();
    }
    return (full || none ? FULL : PLAIN).stream();
  }

  private static InvalidSpecException wrong(String option, String why) {
    return new InvalidSpecException("top cannot do what ps does with " + option + ": " + why);
  }
}

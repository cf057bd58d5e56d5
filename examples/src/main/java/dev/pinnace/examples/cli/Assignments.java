package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Lists of {@code NAME=VALUE}, as arguments or as lines of a file. */
final class Assignments {
  private Assignments() {}

  /**
   * Environment variables, in their order; one without a value has the caller's.
   *
   * @param unset is told of one that has no value here either
   */
  static void variables(
      List<String> texts, BiConsumer<String, String> set, Consumer<String> unset) {
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (text.isEmpty() || equals == 0) {
        throw new InvalidSpecException(
            "invalid environment variable: \""
                + text
                + "\" has no name; write NAME=VALUE, or NAME");
      }
      String name = equals < 0 ? text : text.substring(0, equals);
      String value = equals < 0 ? System.getenv(text) : text.substring(equals + 1);
      if (value == null) {
        unset.accept(name);
      } else {
        set.accept(name, value);
      }
    }
  }

  /** Labels and the like; one without a value is empty. */
  static Map<String, String> labels(List<String> texts) {
    Map<String, String> result = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      result.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return result;
  }

  /** Pairs that need both sides. */
  static Map<String, String> pairs(String flag, List<String> texts, char separator) {
    Map<String, String> result = new LinkedHashMap<>();
    for (String text : texts) {
      int at = text.indexOf(separator);
      if (at < 1) {
        throw new InvalidSpecException(flag + " " + text + ": write NAME" + separator + "VALUE");
      }
      result.put(text.substring(0, at), text.substring(at + 1));
    }
    return result;
  }

  /**
   * A file of environment variables, as Docker reads it: empty lines and those that begin with #
   * say nothing, nor does a name that has no value here either.
   */
  static void file(Path file, BiConsumer<String, String> set) {
    variables(lines(file), set, name -> {});
  }

  /** The lines of a file of assignments, without comments. */
  static List<String> lines(Path file) {
    String text = TextFile.read(file);
    List<String> assignments = new ArrayList<>();
    int number = 0;
    for (String line : withoutMark(text).split("\r?\n", -1)) {
      number++;
      String assignment = line.stripLeading();
      if (!assignment.isEmpty() && !assignment.startsWith("#")) {
        check(assignment, file + ":" + number + ": ");
        assignments.add(assignment);
      }
    }
    return assignments;
  }

  /** Editors of Windows begin a file of UTF-8 with a byte order mark. */
  private static String withoutMark(String text) {
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static void check(String assignment, String where) {
    String name = assignment.split("=", 2)[0];
    if (name.isEmpty()) {
      throw new InvalidSpecException(
          where + "there is no name in \"" + assignment + "\": write NAME=VALUE, or NAME");
    }
    if (name.chars().anyMatch(Character::isWhitespace)) {
      throw new InvalidSpecException(
          where + "the name \"" + name + "\" holds a blank: write NAME=VALUE, or NAME");
    }
    if (assignment.indexOf('\0') >= 0) {
      throw new InvalidSpecException(where + "there is a NUL in it: take it out");
    }
  }
}

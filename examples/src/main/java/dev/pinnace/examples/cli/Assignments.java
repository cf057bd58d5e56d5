package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists of {@code NAME=VALUE}, as arguments or as lines of a file. */
final class Assignments {
  private Assignments() {}

  /** Environment variables; one without a value gets the caller's, or is left out. */
  static Map<String, String> variables(List<String> texts) {
    Map<String, String> result = new LinkedHashMap<>();
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
        result.remove(name);
      } else {
        result.put(name, value);
      }
    }
    return result;
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

  /** A file of environment variables: empty lines and those that begin with # say nothing. */
  static Map<String, String> file(Path file) {
    return variables(lines(file));
  }

  /** The lines of a file of assignments, without comments. */
  static List<String> lines(Path file) {
    List<String> assignments =
        TextFile.read(file)
            .lines()
            .map(String::stripLeading)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .toList();
    for (String line : assignments) {
      String name = line.split("=", 2)[0];
      if (name.isEmpty() || name.chars().anyMatch(Character::isWhitespace)) {
        throw new InvalidSpecException(
            file + " has the line \"" + line + "\": write NAME=VALUE, no blank in the name");
      }
    }
    return assignments;
  }
}

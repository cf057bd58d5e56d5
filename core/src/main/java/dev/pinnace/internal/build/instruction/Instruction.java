package dev.pinnace.internal.build.instruction;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One instruction of a Dockerfile, its lines joined.
 *
 * @param keyword in capitals
 * @param arguments what follows it, as it was written
 */
public record Instruction(String keyword, String arguments) {
  /**
   * Reads instructions: one each line, lines that end with a backslash go on, empty lines and those
   * that begin with {@code #} are passed over.
   *
   * @throws InvalidSpecException where an instruction has no arguments
   */
  public static List<Instruction> parse(String text) {
    List<Instruction> instructions = new ArrayList<>();
    StringBuilder joined = new StringBuilder();
    for (String line : text.lines().toList()) {
      String content = line.strip();
      if (content.startsWith("#") || (content.isEmpty() && joined.isEmpty())) {
        continue;
      }
      if (content.endsWith("\\")) {
        joined.append(line, 0, line.lastIndexOf('\\'));
        continue;
      }
      instructions.add(of(joined.append(line).toString().strip()));
      joined.setLength(0);
    }
    if (!joined.toString().isBlank()) {
      instructions.add(of(joined.toString().strip()));
    }
    return List.copyOf(instructions);
  }

  private static Instruction of(String line) {
    String[] parts = line.split("\\s+", 2);
    String keyword = parts[0].toUpperCase(Locale.ROOT);
    if (parts.length < 2 || parts[1].isBlank()) {
      throw new InvalidSpecException(
          "the instruction \""
              + line
              + "\" has no arguments: write KEYWORD arguments, as in CMD sh");
    }
    return new Instruction(keyword, parts[1].strip());
  }

  InvalidSpecException wrong(String why) {
    return new InvalidSpecException(keyword + " " + arguments + ": " + why);
  }

  @Override
  public String toString() {
    return keyword + " " + arguments;
  }
}

package dev.pinnace.internal.image.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The first line of a script: what the kernel executes instead of it (execve(2)).
 *
 * @param interpreter its path as it is written; may be empty
 * @param argument what follows it, all of it; may be empty
 */
record Shebang(String interpreter, String argument) {
  /** So much of a file the kernel looks at. */
  private static final int LONGEST = 256;

  /** Options of env(1) whose value is a word of its own. */
  private static final Set<String> VALUED = Set.of("-u", "--unset", "-C", "--chdir");

  private static final String SPLIT = "--split-string=";

  /** Reads a file's; empty when it is no script. */
  static Optional<Shebang> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
      return start.startsWith("#!")
          ? Optional.of(parse(start.substring(2).lines().findFirst().orElse("")))
          : Optional.empty();
    }
  }

  private static Shebang parse(String line) {
    String[] words = line.strip().split("[ \t]+", 2);
    return new Shebang(words[0], words.length > 1 ? words[1] : "");
  }

  /** The program that env(1) looks up, if that is the interpreter. */
  Optional<String> lookedUp() {
    if (!interpreter.endsWith("/env")) {
      return Optional.empty();
    }
    Deque<String> words = new ArrayDeque<>(List.of(argument.split("[ \t]+")));
    while (!words.isEmpty()) {
      String word = words.pop();
      if (word.startsWith(SPLIT)) {
        word = word.substring(SPLIT.length());
      } else if (word.startsWith("-S")) {
        word = word.substring("-S".length());
      }
      if (VALUED.contains(word)) {
        words.poll();
      } else if (!word.isEmpty() && !word.startsWith("-") && word.indexOf('=') < 0) {
        return Optional.of(word);
      }
    }
    return Optional.empty();
  }
}

package dev.pinnace.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether this process may open as many files as Java itself needs to get that far. */
final class OpenFiles {
  private static final int FEWEST = 32;
  private static final Pattern LIMIT = Pattern.compile("(?m)^Max open files +(\\d+)");

  private OpenFiles() {}

  /** Why the command cannot begin: with fewer files, parts of the JDK fail without saying why. */
  static Optional<String> obstacle() {
    try {
      Matcher limit = LIMIT.matcher(Files.readString(Path.of("/proc/self/limits")));
      if (limit.find() && Long.parseLong(limit.group(1)) < FEWEST) {
        return Optional.of(
            "EMFILE (too many open files): the limit is "
                + limit.group(1)
                + ", and Java alone needs "
                + FEWEST
                + "; raise it (ulimit -n)");
      }
      return Optional.empty();
    } catch (IOException unknown) {
      return Optional.empty(); // then what fails for it says so itself
    }
  }
}

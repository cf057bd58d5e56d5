package dev.pinnace.examples.cli;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The terminal that a standard stream is.
 *
 * @param columns its width
 * @param rows its height
 */
record Terminal(int columns, int rows) {
  private static final Terminal USUAL = new Terminal(80, 24);

  /** Empty when that descriptor is a file or pipe, or a terminal that cannot move its cursor. */
  static Optional<Terminal> of(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      boolean terminal = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      boolean dumb = "dumb".equals(System.getenv("TERM"));
      return terminal && !dumb ? Optional.of(measure(new File(target))) : Optional.empty();
    } catch (IOException noOutput) {
      return Optional.empty();
    }
  }

  private static Terminal measure(File terminal) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Redirect.from(terminal))
              .redirectError(Redirect.DISCARD)
              .start();
      String size =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      if (stty.waitFor(1, TimeUnit.SECONDS) && size.matches("[1-9]\\d{0,3} [1-9]\\d{0,3}")) {
        String[] parts = size.split(" ", 2);
        return new Terminal(Integer.parseInt(parts[1]), Integer.parseInt(parts[0]));
      }
    } catch (IOException noStty) {
      return USUAL;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return USUAL;
  }
}

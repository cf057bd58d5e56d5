package dev.pinnace.internal.durable;

import dev.pinnace.error.PinnaceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which boot of the kernel this is (random(4)): processes, page cache and mounts of another are
 * gone.
 */
public final class BootId {
  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private BootId() {}

  /**
   * This boot's, 32 hex digits.
   *
   * @throws PinnaceException if it cannot be read
   */
  public static String current() {
    return Held.CURRENT;
  }

  /** Read once: it does not change while this JVM lives. */
  private static final class Held {
    static final String CURRENT = read();

    private static String read() {
      try {
        return Files.readString(FILE, StandardCharsets.US_ASCII).strip().replace("-", "");
      } catch (IOException e) {
        throw new PinnaceException(
            "cannot tell this boot from others: " + FILE + " is not readable; is /proc mounted?",
            e);
      }
    }
  }
}

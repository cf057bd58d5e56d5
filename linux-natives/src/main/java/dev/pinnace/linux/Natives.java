package dev.pinnace.linux;

import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether this JVM can make system calls. JNA makes them, and unpacks a library before the first:
 * on hosts whose directories for that are full or not executable nothing else works either.
 * Thread-safe.
 */
public final class Natives {
  private static final int NO_DESCRIPTOR = -1;
  private static final String DIRECTORY = "jna.tmpdir";

  private Natives() {}

  /** Tried once: after a failure the JVM remembers it, but not its reason. */
  private static final class Trial {
    private static final Optional<String> OBSTACLE = attempt();

    private static Optional<String> attempt() {
      try {
        long unused = Sys.READ.attempt(NO_DESCRIPTOR, 0, 0, 0, 0, 0);
        return Optional.empty();
      } catch (LinkageError failure) {
        return Optional.of(
            "JNA, which makes system calls, could not load the library that it unpacks into "
                + directories(
                    Optional.ofNullable(System.getProperty(DIRECTORY)),
                    Optional.ofNullable(System.getenv("XDG_CACHE_HOME")))
                + ": "
                + failure.getMessage());
      }
    }
  }

  /** Why no system call can be made; empty if they can. */
  public static Optional<String> obstacle() {
    return Trial.OBSTACLE;
  }

  /** What to do about an obstacle. */
  public static String fix() {
    return "start the JVM with -D"
        + DIRECTORY
        + "=DIR, a directory with 1 MiB to spare, not mounted noexec, and let it write files of that"
        + " size (ulimit -f)";
  }

  /** The one that was given, else the user's cache and, where that cannot be written to, /tmp. */
  private static String directories(Optional<String> given, Optional<String> xdgCache) {
    return given.orElseGet(
        () ->
            Path.of(xdgCache.orElse(System.getProperty("user.home", "") + "/.cache"), "JNA/temp")
                + " or "
                + System.getProperty("java.io.tmpdir", "/tmp"));
  }
}

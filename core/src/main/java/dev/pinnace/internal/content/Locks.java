package dev.pinnace.internal.content;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import java.nio.file.Path;
import java.time.Duration;

/** Takes locks that processes share. */
final class Locks {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private Locks() {}

  static LockFile exclusive(Path directory, String name) {
    return take(directory, name, LockFile.Mode.EXCLUSIVE);
  }

  static LockFile take(Path directory, String name, LockFile.Mode mode) {
    LockFile lock;
    try (Dir dir = Dir.open(directory)) {
      lock = LockFile.open(dir, name);
    }
    boolean held = false;
    try {
      held = lock.lock(mode, PATIENCE);
      if (!held) {
        throw new TimedOutException(
            directory.resolve(name)
                + " stayed locked by another process for "
                + PATIENCE.toSeconds()
                + " s");
      }
      return lock;
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new CancelledException(
          "interrupted while waiting for " + directory.resolve(name), interruption);
    } finally {
      if (!held) {
        lock.close();
      }
    }
  }
}

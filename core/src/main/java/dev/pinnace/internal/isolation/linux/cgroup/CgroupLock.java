package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Held (shared) by every open engine of a root that has cgroups: what one of them needs is removed
 * by the last that closes only. A lock that a killed JVM held is free.
 */
final class CgroupLock implements AutoCloseable {
  private static final String NAME = "cgroups.lock";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LockFile file;

  private CgroupLock(LockFile file) {
    this.file = file;
  }

  /** Waits while another engine removes what it had made. */
  static CgroupLock take(Path root) {
    try (Dir directory = Dir.open(root)) {
      LockFile file = LockFile.open(directory, NAME);
      boolean taken = false;
      try {
        taken = file.lock(LockFile.Mode.SHARED, PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while opening " + root, e);
      } finally {
        if (!taken) {
          file.close();
        }
      }
      if (!taken) {
        throw new TimedOutException(
            file
                + " was locked for "
                + PATIENCE.toSeconds()
                + " s: another JVM that closes its engine does not come to an end");
      }
      return new CgroupLock(file);
    }
  }

  /**
   * Lets go, and takes the lock again alone: false while other engines are open. Letting go first
   * makes sure that one of several that close at once succeeds.
   */
  boolean isLast() {
    file.unlock();
    return file.tryLock(LockFile.Mode.EXCLUSIVE);
  }

  /** Unlocks for processes too that have inherited the descriptor and not reached their execve. */
  @Override
  public void close() {
    file.unlock();
    file.close();
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads files that their owner may not read. Root need not ask; an ordinary user, who owns all
 * files of its containers, gives itself the permission for as long as it takes.
 */
public final class OwnFile {
  private static final int SELF = self();

  private OwnFile() {}

  private static int self() {
    try (Dir process = Dir.open(Path.of("/proc/self"))) {
      return process.stat().uid();
    }
  }

  /**
   * Opens a regular file behind an {@code O_PATH} descriptor. Two threads may want one file at
   * once: the second must not take the first one's permissions for the file's own.
   */
  public static synchronized Fd read(Fd file) {
    try {
      return Inode.openForReading(file);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EACCES)) {
        throw refusal;
      }
      Runnable lock = unlock(file, Inode.stat(file), 0400).orElseThrow(() -> refusal);
      try {
        return Inode.openForReading(file);
      } finally {
        lock.run();
      }
    }
  }

  /**
   * Adds permissions where this process lacks them.
   *
   * @return what takes them away again; empty where there is nothing to add
   */
  public static Optional<Runnable> unlock(Fd file, FileStat stat, int wanted) {
    if (SELF == 0 || stat.uid() != SELF || (stat.permissions() & wanted) == wanted) {
      return Optional.empty();
    }
    try {
      Inode.chmod(file, stat.permissions() | wanted);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EROFS)) {
        return Optional.empty(); // who needs the permission says that it is missing
      }
      throw refusal;
    }
    Fd kept = file.duplicate();
    return Optional.of(
        () -> {
          try (kept) {
            Inode.chmod(kept, stat.permissions());
          }
        });
  }
}

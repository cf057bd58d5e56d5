package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a file as a whole: a reader, and whoever looks after a crash, sees the old content or
 * the new one. Written beside its place under a name of the form {@code .NAME.tmp-HEX}, then
 * renamed; what a crash leaves of those is for the caller to sweep ({@link #isTemporary}).
 */
public final class AtomicFile {
  /** What is on the disk when a write returns. */
  public enum Durability {
    /** Whatever the kernel has written by then: survives this process, not the machine. */
    CACHED,
    /** Content and name: file and directory are fsynced. */
    SYNCED
  }

  private AtomicFile() {}

  /** Makes {@code relative} hold {@code content}, with exactly these permissions. */
  public static void write(
      Dir dir, String relative, byte[] content, int permissions, Durability durability) {
    int slash = relative.lastIndexOf('/');
    if (slash > 0) {
      try (Dir parent = dir.openDirFollowing(relative.substring(0, slash))) {
        writeIn(parent, relative.substring(slash + 1), content, permissions, durability);
      }
    } else {
      writeIn(dir, relative.substring(slash + 1), content, permissions, durability);
    }
  }

  /** Whether {@code name} is one that an interrupted write may have left. */
  public static boolean isTemporary(String name) {
    return name.startsWith(".") && name.contains(".tmp-");
  }

  private static void writeIn(
      Dir dir, String name, byte[] content, int permissions, Durability durability) {
    String temporary =
        "." + name + ".tmp-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    Fd fd = dir.open(temporary, O_WRONLY | O_CREAT | O_EXCL, permissions & 0700);
    try {
      try (fd) {
        Inode.chmod(fd, permissions);
        fd.write(content);
        if (durability == Durability.SYNCED) {
          fd.sync();
        }
      }
      dir.rename(temporary, name);
    } catch (ErrnoException refusal) {
      try {
        dir.unlink(temporary);
      } catch (ErrnoException second) {
        if (!second.is(Errno.ENOENT)) {
          refusal.addSuppressed(second);
        }
      }
      throw refusal;
    }
    if (durability == Durability.SYNCED) {
      dir.sync();
    }
  }
}

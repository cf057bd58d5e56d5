package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.AT_EMPTY_PATH;
import static dev.pinnace.linux.file.Fcntl.AT_FDCWD;
import static dev.pinnace.linux.file.Fcntl.AT_SYMLINK_FOLLOW;
import static dev.pinnace.linux.file.Fcntl.O_CLOEXEC;
import static dev.pinnace.linux.file.Fcntl.O_NOCTTY;
import static dev.pinnace.linux.file.Fcntl.O_NONBLOCK;
import static dev.pinnace.linux.file.Fcntl.O_RDONLY;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of and done to the file behind a descriptor besides reading and writing it.
 * {@code O_PATH} descriptors will do, except for {@link #resize} and extended attributes.
 * Thread-safe. Every method throws {@link ErrnoException} when the kernel refuses.
 */
public final class Inode {
  private Inode() {}

  /** statx(2). */
  public static FileStat stat(Fd fd) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(FileStat.SIZE);
      Sys.STATX.on(
          fd.toString(),
          fd.number(),
          scratch.path(Sys.STATX, ""),
          AT_EMPTY_PATH,
          FileStat.MASK,
          scratch.address(at));
      return FileStat.read(scratch.memory(), at);
    }
  }

  /** A descriptor that reads the file behind an {@code O_PATH} one; never waits (O_NONBLOCK). */
  public static Fd openForReading(Fd fd) {
    return openForReading(fd.procPath(), fd.toString());
  }

  /**
   * A descriptor of a file of the host, also where a magic link leads to it, as those of namespaces
   * in /proc do (proc_pid_ns(5)); never waits.
   */
  public static Fd openForReading(Path path) {
    return openForReading(path.toString(), path.toString());
  }

  private static Fd openForReading(String path, String what) {
    try (Scratch scratch = Scratch.borrow()) {
      long number =
          Sys.OPENAT.on(
              what,
              AT_FDCWD,
              scratch.path(Sys.OPENAT, path),
              O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
              0);
      return new Fd((int) number, what);
    }
  }

  /** Gives a file that has no name one in {@code dir}; EEXIST if something has that. */
  public static void link(Fd file, Dir dir, String name) {
    try (Scratch scratch = Scratch.borrow()) {
      Sys.LINKAT.on(
          dir.below(name),
          AT_FDCWD,
          scratch.path(Sys.LINKAT, file.procPath()),
          dir.fd().number(),
          scratch.path(Sys.LINKAT, name),
          AT_SYMLINK_FOLLOW);
    }
  }

  /** Sets the twelve permission bits; a symbolic link gives EOPNOTSUPP. */
  public static void chmod(Fd fd, int permissions) {
    String described = fd + ", 0" + Integer.toOctalString(permissions);
    long answer = Sys.FCHMOD.attempt(fd.number(), permissions, 0, 0, 0, 0);
    if (answer == -Errno.EBADF) {
      try (Scratch scratch = Scratch.borrow()) {
        Sys.FCHMODAT.on(
            described, AT_FDCWD, scratch.path(Sys.FCHMODAT, fd.procPath()), permissions);
      }
    } else if (answer < 0) {
      throw new ErrnoException("fchmod", (int) -answer, described);
    }
  }

  /** Sets owner and group; -1 leaves one as it is. Clears setuid, setgid and file capabilities. */
  public static void chown(Fd fd, int uid, int gid) {
    try (Scratch scratch = Scratch.borrow()) {
      Sys.FCHOWNAT.on(
          fd + ", " + uid + ":" + gid,
          fd.number(),
          scratch.path(Sys.FCHOWNAT, ""),
          uid,
          gid,
          AT_EMPTY_PATH);
    }
  }

  /** Sets access and modification time, to the nanosecond (utimensat, AT_EMPTY_PATH of 5.8). */
  public static void utimes(Fd fd, Instant accessed, Instant modified) {
    try (Scratch scratch = Scratch.borrow()) {
      Sys.UTIMENSAT.on(
          fd.toString(),
          fd.number(),
          scratch.path(Sys.UTIMENSAT, ""),
          times(scratch, accessed, modified),
          AT_EMPTY_PATH);
    }
  }

  /** struct timespec[2]. */
  static long times(Scratch scratch, Instant accessed, Instant modified) {
    int at = scratch.reserve(32);
    scratch
        .memory()
        .putLong(at, accessed.getEpochSecond())
        .putLong(at + 8, accessed.getNano())
        .putLong(at + 16, modified.getEpochSecond())
        .putLong(at + 24, modified.getNano());
    return scratch.address(at);
  }

  /** Makes the file {@code size} bytes long, with a hole where it grows (ftruncate). */
  public static void resize(Fd fd, long size) {
    Sys.FTRUNCATE.on(fd + ", " + size, fd.number(), size);
  }

  /** Sets an extended attribute. */
  public static void setXattr(Fd fd, String name, byte[] value) {
    Xattrs.ofDescriptor(fd).set(name, value);
  }

  /** An extended attribute, null if there is none of that name. */
  public static byte @Nullable [] getXattr(Fd fd, String name) {
    return Xattrs.ofDescriptor(fd).get(name);
  }

  /** Names of the extended attributes. */
  public static List<String> listXattrs(Fd fd) {
    return Xattrs.ofDescriptor(fd).list();
  }

  /** Removes an extended attribute; none of that name gives ENODATA. */
  public static void removeXattr(Fd fd, String name) {
    Xattrs.ofDescriptor(fd).remove(name);
  }
}

package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/** Copies file content inside the kernel, keeping holes. */
public final class FileCopy {
  private static final int BLOCK = 1 << 20;

  /** How a copy was made. */
  public enum Method {
    /** The two files share blocks until one is written (FICLONE: btrfs, xfs with reflink). */
    REFLINK,
    /** Bytes were copied by copy_file_range(2) or read and write. */
    BYTES
  }

  private FileCopy() {}

  /**
   * Makes the empty file {@code to} hold what {@code from} holds, holes included. Offsets of both
   * descriptors are unspecified afterwards.
   *
   * @param from a regular file open for reading
   * @param to a regular file open for writing
   */
  public static Method copy(Fd from, Fd to) {
    long cloned = Sys.IOCTL.attempt(to.number(), FICLONE, from.number(), 0, 0, 0);
    if (cloned >= 0) {
      return Method.REFLINK;
    }
    long size = Inode.stat(from).size();
    Inode.resize(to, size);
    long at = 0;
    while (at < size) {
      long data = Sys.LSEEK.attempt(from.number(), at, SEEK_DATA, 0, 0, 0);
      if (data == -Errno.ENXIO) {
        break;
      }
      long start = data < 0 ? at : data;
      long hole = data < 0 ? size : Sys.LSEEK.on(from.toString(), from.number(), start, SEEK_HOLE);
      copyRange(from, start, to, start, Math.min(hole, size) - start);
      at = hole;
    }
    return Method.BYTES;
  }

  /**
   * Copies {@code length} bytes between offsets, fewer if {@code from} ends before.
   *
   * @return the number of bytes copied
   */
  public static long copyRange(Fd from, long fromOffset, Fd to, long toOffset, long length) {
    long done = 0;
    try (Scratch scratch = Scratch.borrow()) {
      int offsets = scratch.reserve(16);
      while (done < length) {
        scratch.memory().putLong(offsets, fromOffset + done).putLong(offsets + 8, toOffset + done);
        long count =
            Sys.COPY_FILE_RANGE.attempt(
                from.number(),
                scratch.address(offsets),
                to.number(),
                scratch.address(offsets + 8),
                Math.min(length - done, 1L << 30),
                0);
        if (count == 0) {
          return done + readAndWrite(from, fromOffset + done, to, toOffset + done, length - done);
        }
        if (count < 0) {
          int errno = (int) -count;
          if (errno == Errno.EXDEV
              || errno == Errno.EINVAL
              || errno == Errno.ENOSYS
              || errno == Errno.ENOTSUP) {
            return done + readAndWrite(from, fromOffset + done, to, toOffset + done, length - done);
          }
          throw new ErrnoException("copy_file_range", errno, from + ", " + to);
        }
        done += count;
      }
    }
    return done;
  }

  private static long readAndWrite(Fd from, long fromOffset, Fd to, long toOffset, long length) {
    long done = 0;
    try (NativeMemory block = NativeMemory.of(Math.min(length, BLOCK))) {
      while (done < length) {
        long count =
            Sys.PREAD64.on(
                from.toString(),
                from.number(),
                block.address(),
                Math.min(length - done, BLOCK),
                fromOffset + done);
        if (count == 0) {
          return done;
        }
        long written = 0;
        while (written < count) {
          written +=
              Sys.PWRITE64.on(
                  to.toString(),
                  to.number(),
                  block.address(written),
                  count - written,
                  toOffset + done + written);
        }
        done += count;
      }
    }
    return done;
  }
}

package dev.pinnace.linux.file;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/**
 * Memory through which file content is read, allocated once instead of at every read; and where a
 * file has holes. Not thread-safe.
 */
public final class ReadBuffer implements AutoCloseable {
  private final NativeMemory memory;

  private ReadBuffer(int size) {
    this.memory = NativeMemory.of(size);
  }

  /** Allocates {@code size} bytes. */
  public static ReadBuffer ofSize(int size) {
    return new ReadBuffer(size);
  }

  /**
   * Reads at {@code offset}, without moving the descriptor's own: how many bytes, at most the
   * buffer's size, 0 at the end of the file.
   */
  public int readAt(Fd fd, long offset, byte[] into, int from, int length) {
    long wanted = Math.min(length, memory.size());
    int count = (int) Sys.PREAD64.on(fd.toString(), fd.number(), memory.address(), wanted, offset);
    memory.getBytes(0, into, from, count);
    return count;
  }

  /**
   * Where the next content is, at or after {@code offset} (lseek(2), SEEK_DATA). Moves the
   * descriptor's own offset.
   *
   * @return {@code size} when there is none; {@code offset} itself where the file system knows of
   *     no holes
   */
  public static long nextData(Fd fd, long offset, long size) {
    long data = Sys.LSEEK.attempt(fd.number(), offset, Fcntl.SEEK_DATA, 0, 0, 0);
    if (data == -Errno.ENXIO) {
      return size;
    }
    return data < 0 ? offset : Math.min(data, size);
  }

  /** Where the content at {@code offset} ends (SEEK_HOLE), at most {@code size}. */
  public static long endOfData(Fd fd, long offset, long size) {
    long hole = Sys.LSEEK.attempt(fd.number(), offset, Fcntl.SEEK_HOLE, 0, 0, 0);
    if (hole < 0 && hole != -Errno.EINVAL && hole != -Errno.ENXIO) {
      throw new ErrnoException("lseek", (int) -hole, fd.toString());
    }
    return hole < 0 ? size : Math.min(hole, size);
  }

  /** Frees the memory. */
  @Override
  public void close() {
    memory.close();
  }
}

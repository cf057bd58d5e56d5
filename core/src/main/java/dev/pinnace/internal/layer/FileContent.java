package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.layer.LayerView.Part;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.ReadBuffer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads regular files that somebody may be changing. One is opened without a way to act on anything
 * (O_PATH) and looked at before it is opened to be read: what has become a FIFO or a device
 * meanwhile is not touched. Holes are not read. For one thread.
 */
final class FileContent implements AutoCloseable {
  private static final int BLOCK = 256 * 1024;

  private final ReadBuffer buffer = ReadBuffer.ofSize(BLOCK);
  private final byte[] block = new byte[BLOCK];
  private final byte[] other = new byte[BLOCK];

  /** An open file, and what it was then. */
  record Open(Fd fd, FileStat stat) implements AutoCloseable {
    @Override
    public void close() {
      fd.close();
    }
  }

  /** Takes pieces of content. */
  interface Sink {
    void write(byte[] bytes, int from, int length) throws IOException;
  }

  /** Opens what has that name; empty if it is no regular file any more. */
  static Optional<Open> open(Part part, String name) {
    try (Fd path = part.dir().open(name, Fcntl.O_PATH, 0)) {
      if (!Inode.stat(path).isRegular()) {
        return Optional.empty();
      }
      Fd readable = part.own() ? OwnFile.read(path) : Inode.openForReading(path);
      try {
        return Optional.of(new Open(readable, Inode.stat(readable)));
      } catch (RuntimeException | Error failure) {
        readable.close();
        throw failure;
      }
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ELOOP)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  /**
   * Hands on exactly as many bytes as the file had when it was opened: cut where it has grown,
   * zeros where it has shrunk.
   */
  void copy(Open file, Sink sink) throws IOException {
    long size = file.stat().size();
    long at = 0;
    while (at < size) {
      long data = ReadBuffer.nextData(file.fd(), at, size);
      zeros(data - at, sink);
      long end = data == size ? size : ReadBuffer.endOfData(file.fd(), data, size);
      at = data;
      while (at < end) {
        ensureWanted(at);
        int count = read(file, at, end - at, block);
        if (count == 0) {
          zeros(size - at, sink);
          return;
        }
        sink.write(block, 0, count);
        at += count;
      }
    }
  }

  private int read(Open file, long at, long length, byte[] into) {
    return buffer.readAt(file.fd(), at, into, 0, (int) Math.min(length, BLOCK));
  }

  private void zeros(long count, Sink sink) throws IOException {
    if (count > 0) {
      Arrays.fill(block, 0, (int) Math.min(count, BLOCK), (byte) 0);
    }
    for (long left = count; left > 0; left -= BLOCK) {
      ensureWanted(left);
      sink.write(block, 0, (int) Math.min(left, BLOCK));
    }
  }

  private static void ensureWanted(long position) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException("interrupted while reading a file, at byte " + position);
    }
  }

  /** Whether two files of one size hold the same. */
  boolean same(Open one, Open two) {
    long size = one.stat().size();
    for (long at = 0; at < size; ) {
      int count = read(one, at, size - at, block);
      int filled = 0;
      while (filled < count) {
        int more = buffer.readAt(two.fd(), at + filled, other, filled, count - filled);
        if (more == 0) {
          return false;
        }
        filled += more;
      }
      if (count == 0 || !Arrays.equals(block, 0, count, other, 0, count)) {
        return false;
      }
      at += count;
    }
    return true;
  }

  @Override
  public void close() {
    buffer.close();
  }
}

package dev.pinnace.linux.file;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/** Native memory that many writes go through, so that none of them allocates. Not thread-safe. */
public final class WriteBuffer implements AutoCloseable {
  private final NativeMemory memory;

  private WriteBuffer(int size) {
    memory = NativeMemory.of(size);
  }

  /** Allocates {@code size} bytes. */
  public static WriteBuffer ofSize(int size) {
    return new WriteBuffer(size);
  }

  /** Writes all of {@code length} bytes at the descriptor's offset. */
  public void write(Fd fd, byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      int block = (int) Math.min(length - done, memory.size());
      memory.putBytes(0, bytes, from + done, block);
      int written = 0;
      while (written < block) {
        written +=
            (int) Sys.WRITE.on("a file", fd.number(), memory.address(written), block - written);
      }
      done += block;
    }
  }

  /** Writes all of {@code length} bytes at {@code offset}, without moving the descriptor's own. */
  public void writeAt(Fd fd, long offset, byte[] bytes, int from, int length) {
    int done = 0;
    while (done < length) {
      int block = (int) Math.min(length - done, memory.size());
      memory.putBytes(0, bytes, from + done, block);
      int written = 0;
      while (written < block) {
        written +=
            (int)
                Sys.PWRITE64.on(
                    fd.toString(),
                    fd.number(),
                    memory.address(written),
                    block - written,
                    offset + done + written);
      }
      done += block;
    }
  }

  /** Frees the memory. */
  @Override
  public void close() {
    memory.close();
  }
}

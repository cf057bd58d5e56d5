package dev.pinnace.linux.file;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Native memory for the arguments of one call, from a small pool because allocating costs more than
 * most calls. {@link #close()} gives it back. A borrowed one belongs to one thread.
 */
final class Scratch implements AutoCloseable {
  /** PATH_MAX of linux/limits.h, terminator included. */
  static final int PATH_MAX = 4096;

  private static final int SIZE = 32 * 1024;
  private static final int POOLED = 16;
  private static final ConcurrentLinkedQueue<Scratch> POOL = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger WAITING = new AtomicInteger();

  private final NativeMemory memory = NativeMemory.of(SIZE);
  private int used;

  private Scratch() {}

  static Scratch borrow() {
    Scratch pooled = POOL.poll();
    if (pooled == null) {
      return new Scratch();
    }
    WAITING.decrementAndGet();
    pooled.used = 0;
    return pooled;
  }

  NativeMemory memory() {
    return memory;
  }

  /** Reserves {@code size} bytes, not zeroed, aligned to 8: their offset. */
  int reserve(int size) {
    int offset = used;
    if (size > SIZE - offset) {
      throw new IllegalStateException("a call's arguments exceed " + SIZE + " bytes");
    }
    used += (size + 7) & ~7;
    return offset;
  }

  long address(int offset) {
    return memory.address(offset);
  }

  /** Address of {@code path} as a NUL-terminated string; too long ones fail as the kernel would. */
  long path(Sys call, String path) {
    byte[] bytes = FileName.encode(path);
    if (bytes.length >= PATH_MAX) {
      throw new ErrnoException(call.call(), Errno.ENAMETOOLONG, FileName.display(path));
    }
    return string(bytes);
  }

  long string(byte[] bytes) {
    int offset = reserve(bytes.length + 1);
    memory.putBytes(offset, bytes, 0, bytes.length);
    memory.putBytes(offset + bytes.length, TERMINATOR, 0, 1);
    return memory.address(offset);
  }

  private static final byte[] TERMINATOR = {0};

  @Override
  public void close() {
    if (WAITING.incrementAndGet() <= POOLED) {
      POOL.add(this);
    } else {
      WAITING.decrementAndGet();
      memory.close();
    }
  }
}

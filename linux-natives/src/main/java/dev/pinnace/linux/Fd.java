package dev.pinnace.linux;

import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor with one owner. Whoever holds it closes it; closing again does nothing,
 * and using it afterwards is an {@link IllegalStateException} rather than somebody else's file.
 * Every descriptor that Pinnace opens is close-on-exec. Thread-safe, but reads and writes of one
 * descriptor share its offset.
 */
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;
  private final String what;

  /**
   * Takes ownership of descriptor {@code number}.
   *
   * @param what what it is open on, for messages
   */
  public Fd(int number, String what) {
    this.number = new AtomicInteger(number);
    this.what = what;
  }

  /**
   * The descriptor's number.
   *
   * @throws IllegalStateException when it is closed
   */
  public int number() {
    int open = number.get();
    if (open == CLOSED) {
      throw closed();
    }
    return open;
  }

  private IllegalStateException closed() {
    return new IllegalStateException("the descriptor on " + what + " is closed");
  }

  /** Whether it has not been closed or {@link #release() released}. */
  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /** Gives up ownership: the caller now closes the number. */
  public int release() {
    int open = number.getAndSet(CLOSED);
    if (open == CLOSED) {
      throw closed();
    }
    return open;
  }

  /** The path under which this JVM's threads reach the open file: {@code /proc/self/fd/N}. */
  public String procPath() {
    return "/proc/self/fd/" + number();
  }

  /** A second descriptor for the same open file (fcntl F_DUPFD_CLOEXEC). */
  public Fd duplicate() {
    long copy = Sys.FCNTL.on(what, number(), F_DUPFD_CLOEXEC, 3);
    return new Fd((int) copy, what);
  }

  /** Reads at the current offset: the number of bytes, 0 at the end. */
  public int read(byte[] into, int from, int length) {
    try (NativeMemory memory = NativeMemory.of(length)) {
      int count = (int) Sys.READ.on(what, number(), memory.address(), length);
      memory.getBytes(0, into, from, count);
      return count;
    }
  }

  /** Reads at {@code offset} without moving: the number of bytes, 0 at the end. */
  public int readAt(long offset, byte[] into, int from, int length) {
    try (NativeMemory memory = NativeMemory.of(length)) {
      int count = (int) Sys.PREAD64.on(what, number(), memory.address(), length, offset);
      memory.getBytes(0, into, from, count);
      return count;
    }
  }

  /** Writes all of {@code bytes}. */
  public void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  /** Writes {@code length} bytes, all of them. */
  public void write(byte[] bytes, int from, int length) {
    try (NativeMemory memory = NativeMemory.of(length)) {
      memory.putBytes(0, bytes, from, length);
      int done = 0;
      while (done < length) {
        done += (int) Sys.WRITE.on(what, number(), memory.address(done), length - done);
      }
    }
  }

  /** Writes once: the number of bytes, which may be fewer than {@code length}. */
  public int writeSome(byte[] bytes, int from, int length) {
    try (NativeMemory memory = NativeMemory.of(length)) {
      memory.putBytes(0, bytes, from, length);
      return (int) Sys.WRITE.on(what, number(), memory.address(), length);
    }
  }

  /** Reads to the end, at most {@code limit} bytes. */
  public byte[] readAll(int limit) {
    byte[] bytes = new byte[Math.min(limit, 8192)];
    int count = 0;
    while (count < limit) {
      if (count == bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, Math.min(limit, count * 2));
      }
      int more = read(bytes, count, bytes.length - count);
      if (more == 0) {
        break;
      }
      count += more;
    }
    return java.util.Arrays.copyOf(bytes, count);
  }

  /** Forces content and metadata to the disk (fsync). */
  public void sync() {
    Sys.FSYNC.on(what, number());
  }

  /** Makes reads and writes answer EAGAIN instead of waiting, or wait again. */
  public void blocking(boolean blocking) {
    long flags = Sys.FCNTL.on(what, number(), F_GETFL, 0);
    long wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    Sys.FCNTL.on(what, number(), F_SETFL, wanted);
  }

  /** Closes the descriptor. Closing twice does nothing. */
  @Override
  public void close() {
    int open = number.getAndSet(CLOSED);
    if (open != CLOSED) {
      try {
        Sys.CLOSE.on(what, open);
      } catch (ErrnoException refusal) {
        // close(2): after EINTR, EIO, ENOSPC or EDQUOT the number is free; EBADF means that
        // somebody else closed ours.
        if (refusal.is(Errno.EBADF)) {
          throw new IllegalStateException(
              "descriptor " + open + " on " + what + " was closed by somebody else", refusal);
        }
      }
    }
  }

  @Override
  public String toString() {
    return what + " [fd " + number.get() + "]";
  }

  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;
}

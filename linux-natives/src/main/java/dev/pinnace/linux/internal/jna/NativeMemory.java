package dev.pinnace.linux.internal.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Zeroed native memory, freed by {@link #close()}. A try-with-resources block around a system call
 * keeps it alive while the kernel reads it. Not thread-safe.
 */
public final class NativeMemory implements AutoCloseable {
  private final Memory memory;

  private NativeMemory(long size) {
    memory = new Memory(Math.max(size, 1));
    memory.clear();
  }

  /** Allocates {@code size} zeroed bytes. */
  public static NativeMemory of(long size) {
    return new NativeMemory(size);
  }

  /** A copy of {@code bytes}. */
  public static NativeMemory of(byte[] bytes) {
    NativeMemory copy = new NativeMemory(bytes.length);
    copy.memory.write(0, bytes, 0, bytes.length);
    return copy;
  }

  /**
   * {@code text} as a NUL-terminated string.
   *
   * @throws IllegalArgumentException if it holds a NUL, which would silently cut it
   */
  public static NativeMemory ofString(String text) {
    return ofString(encode(text));
  }

  /** {@code bytes} as a NUL-terminated string; they must not hold a NUL. */
  public static NativeMemory ofString(byte[] bytes) {
    NativeMemory copy = new NativeMemory(bytes.length + 1L);
    copy.memory.write(0, bytes, 0, bytes.length);
    return copy;
  }

  private static byte[] encode(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a name or path must not hold a NUL: " + text.replace('\0', '?'));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The address of the first byte. */
  public long address() {
    return Pointer.nativeValue(memory);
  }

  /** The address of the byte at {@code offset}. */
  public long address(long offset) {
    return address() + offset;
  }

  /** The size in bytes. */
  public long size() {
    return memory.size();
  }

  /** A view in native byte order; use it only while this is open. */
  public ByteBuffer buffer() {
    return memory.getByteBuffer(0, memory.size()).order(ByteOrder.nativeOrder());
  }

  public NativeMemory putInt(long offset, int value) {
    memory.setInt(offset, value);
    return this;
  }

  public NativeMemory putLong(long offset, long value) {
    memory.setLong(offset, value);
    return this;
  }

  public NativeMemory putShort(long offset, short value) {
    memory.setShort(offset, value);
    return this;
  }

  public NativeMemory putBytes(long offset, byte[] bytes, int from, int length) {
    memory.write(offset, bytes, from, length);
    return this;
  }

  public int getInt(long offset) {
    return memory.getInt(offset);
  }

  public long getLong(long offset) {
    return memory.getLong(offset);
  }

  public short getShort(long offset) {
    return memory.getShort(offset);
  }

  public byte getByte(long offset) {
    return memory.getByte(offset);
  }

  public byte[] getBytes(long offset, int length) {
    return memory.getByteArray(offset, length);
  }

  public void getBytes(long offset, byte[] into, int from, int length) {
    memory.read(offset, into, from, length);
  }

  /** Frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    memory.close();
  }
}

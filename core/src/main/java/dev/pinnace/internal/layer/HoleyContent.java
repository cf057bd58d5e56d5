package dev.pinnace.internal.layer;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.WriteBuffer;
import java.util.Arrays;

/**
 * Writes a file and leaves out blocks that are all zeros: what has holes has them in the copy, too.
 * Its size is set afterwards.
 */
final class HoleyContent implements TarReader.Content {
  private static final int BLOCK = 4096;
  private static final byte[] ZEROS = new byte[BLOCK];

  private final Fd file;
  private final WriteBuffer buffer;
  private long position;

  HoleyContent(Fd file, WriteBuffer buffer) {
    this.file = file;
    this.buffer = buffer;
  }

  @Override
  public void accept(byte[] bytes, int from, int length) {
    int end = from + length;
    int written = from;
    for (int at = from; at < end; at += BLOCK) {
      int next = Math.min(at + BLOCK, end);
      if (Arrays.equals(bytes, at, next, ZEROS, 0, next - at)) {
        write(bytes, written, at, from);
        written = next;
      }
    }
    write(bytes, written, end, from);
    position += length;
  }

  private void write(byte[] bytes, int begin, int end, int from) {
    if (begin < end) {
      buffer.writeAt(file, position + begin - from, bytes, begin, end - begin);
    }
  }
}

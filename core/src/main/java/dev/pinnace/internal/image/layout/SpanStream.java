package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A part of a file, which stays its owner's; skipping reads nothing. For one thread. */
final class SpanStream extends InputStream {
  private final FileChannel file;
  private final String name;
  private long position;
  private long left;

  SpanStream(FileChannel file, String name, TarIndex.Span span) {
    this.file = file;
    this.name = name;
    this.position = span.offset();
    this.left = span.size();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int wanted = (int) Math.min(length, left);
    int got = file.read(ByteBuffer.wrap(into, from, wanted), position);
    if (got < 0) {
      throw new CorruptException(name + " became shorter while it was read");
    }
    position += got;
    left -= got;
    return got;
  }

  @Override
  public long skip(long count) {
    long hop = Math.max(0, Math.min(count, left));
    position += hop;
    left -= hop;
    return hop;
  }
}

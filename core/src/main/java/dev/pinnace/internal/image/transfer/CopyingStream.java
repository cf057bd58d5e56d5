package dev.pinnace.internal.image.transfer;

import dev.pinnace.error.CorruptException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies what is read, and refuses to read more than it was promised. */
final class CopyingStream extends FilterInputStream {
  private final OutputStream copy;
  private final long limit;
  private final String what;
  private long count;

  CopyingStream(InputStream in, OutputStream copy, long limit, String what) {
    super(in);
    this.copy = copy;
    this.limit = limit;
    this.what = what;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int got = in.read(into, from, length);
    if (got > 0) {
      count += got;
      if (count > limit) {
        throw new CorruptException(
            what + " is longer than the " + limit + " bytes that its descriptor says");
      }
      copy.write(into, from, got);
    }
    return got;
  }

  @Override
  public long skip(long n) throws IOException {
    byte[] passed = new byte[(int) Math.min(n, 8192)];
    return Math.max(0, read(passed, 0, passed.length));
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}

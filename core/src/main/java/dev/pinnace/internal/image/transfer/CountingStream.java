package dev.pinnace.internal.image.transfer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts what is read, and closes nothing: it is the caller's. For one thread. */
public final class CountingStream extends FilterInputStream {
  private long count;

  public CountingStream(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    count += value < 0 ? 0 : 1;
    return value;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int got = in.read(into, from, length);
    count += Math.max(got, 0);
    return got;
  }

  @Override
  public void close() {}

  /** How many bytes were read. */
  public long count() {
    return count;
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import java.io.IOException;
import java.io.InputStream;

/** A buffered stream that counts. Not thread-safe. */
final class TarSource {
  private static final int BUFFER = 256 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;
  private long consumed;

  TarSource(InputStream in) {
    this.in = in;
  }

  /**
   * Makes at least one byte available, false at the end of the stream.
   *
   * @throws CancelledException if the thread is interrupted; the flag stays set
   */
  boolean fill() throws IOException {
    while (position == limit) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted at byte " + consumed + " of the archive");
      }
      int count = in.read(buffer, 0, buffer.length);
      if (count < 0) {
        return false;
      }
      position = 0;
      limit = count;
    }
    return true;
  }

  byte[] buffer() {
    return buffer;
  }

  int position() {
    return position;
  }

  int available() {
    return limit - position;
  }

  void advance(int count) {
    position += count;
    consumed += count;
  }

  /** Reads {@code length} bytes, fewer at the end of the stream. */
  int read(byte[] into, int from, int length) throws IOException {
    int done = 0;
    while (done < length && fill()) {
      int count = Math.min(length - done, available());
      System.arraycopy(buffer, position, into, from + done, count);
      advance(count);
      done += count;
    }
    return done;
  }

  /** Skips {@code length} bytes; false if the stream ends before. */
  boolean skip(long length) throws IOException {
    long left = length;
    while (left > 0) {
      if (available() == 0 && left > BUFFER) {
        long hopped = in.skip(left);
        consumed += hopped;
        left -= hopped;
        if (hopped > 0) {
          continue;
        }
      }
      if (!fill()) {
        return false;
      }
      int count = (int) Math.min(left, available());
      advance(count);
      left -= count;
    }
    return true;
  }

  /** Bytes read so far. */
  long consumed() {
    return consumed;
  }
}

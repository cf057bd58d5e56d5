package dev.pinnace.internal.content;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.ZipException;

/**
 * Decompresses gzip (RFC 1952) with all its members, up to the true end of the stream: {@link
 * java.util.zip.GZIPInputStream} asks {@code available()} whether another member follows and so may
 * stop early. Large buffers make it a third faster. Zeros after the last member are padding. For
 * one thread.
 */
final class GunzipStream extends InputStream {
  private static final int BUFFER = 1 << 20;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;
  private static final int DEFLATE = 8;

  private final InputStream in;

  /** Input; its first bytes are the last ones of the input before. */
  private final byte[] buffer = new byte[BUFFER];

  private final RawInflater inflater;
  private final CRC32 crc = new CRC32();
  private final CRC32 headerCrc = new CRC32();
  private int position = RawInflater.HELD_BACK;
  private int filled = RawInflater.HELD_BACK;
  private long written;
  private boolean inMember;
  private boolean atEnd;
  private boolean first = true;

  GunzipStream(InputStream in) {
    this(in, RawInflater.fastest());
  }

  /**
   * @param inflater is closed with this
   */
  GunzipStream(InputStream in, RawInflater inflater) {
    this.in = in;
    this.inflater = inflater;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    while (!atEnd) {
      if (!inMember) {
        beginMember();
        continue;
      }
      int count = inflate(into, from, length);
      if (count > 0) {
        return count;
      }
    }
    return -1;
  }

  private int inflate(byte[] into, int from, int length) throws IOException {
    try {
      int count = inflater.inflate(into, from, length);
      if (count > 0) {
        crc.update(into, from, count);
        written += count;
        return count;
      }
    } catch (DataFormatException damage) {
      throw new ZipException("the gzip data is damaged: " + damage.getMessage());
    }
    if (inflater.finished()) {
      endMember();
    } else {
      if (position == filled && !fill()) {
        throw truncated();
      }
      inflater.setInput(buffer, position, filled - position);
      position = filled;
    }
    return 0;
  }

  private static EOFException truncated() {
    return new EOFException("the gzip data ends early");
  }

  private boolean fill() throws IOException {
    int kept = RawInflater.HELD_BACK;
    System.arraycopy(buffer, filled - kept, buffer, 0, kept);
    int got = in.read(buffer, kept, buffer.length - kept);
    position = kept;
    filled = kept + Math.max(0, got);
    return got > 0;
  }

  private int next() throws IOException {
    if (position == filled && !fill()) {
      throw truncated();
    }
    int value = buffer[position++] & 0xff;
    headerCrc.update(value);
    return value;
  }

  private int next16() throws IOException {
    int low = next();
    return low | next() << 8;
  }

  private long next32() throws IOException {
    long low = next16();
    return low | (long) next16() << 16;
  }

  private void beginMember() throws IOException {
    if (position == filled && !fill()) {
      if (first) {
        throw truncated();
      }
      atEnd = true;
      return;
    }
    if (!first && buffer[position] == 0) {
      skipPadding();
      return;
    }
    headerCrc.reset();
    if (next() != 0x1f || next() != 0x8b) {
      throw new ZipException("bytes that are not gzip follow the gzip data");
    }
    if (next() != DEFLATE) {
      throw new ZipException("the gzip data is compressed by something else than deflate");
    }
    int flags = next();
    if ((flags & RESERVED) != 0) {
      throw new ZipException("the gzip header has unknown flags");
    }
    for (int i = 0; i < 6; i++) {
      next(); // modification time, extra flags, operating system
    }
    if ((flags & EXTRA) != 0) {
      for (int left = next16(); left > 0; left--) {
        next();
      }
    }
    if ((flags & NAME) != 0) {
      skipString();
    }
    if ((flags & COMMENT) != 0) {
      skipString();
    }
    if ((flags & HEADER_CRC) != 0) {
      int expected = (int) headerCrc.getValue() & 0xffff;
      if (next16() != expected) {
        throw new ZipException("the gzip header does not match its checksum");
      }
    }
    first = false;
    inMember = true;
    inflater.reset();
    crc.reset();
    written = 0;
  }

  private void skipString() throws IOException {
    int value;
    do {
      value = next();
    } while (value != 0);
  }

  private void skipPadding() throws IOException {
    do {
      for (; position < filled; position++) {
        if (buffer[position] != 0) {
          throw new ZipException("bytes that are not gzip follow the gzip data");
        }
      }
    } while (fill());
    atEnd = true;
  }

  private void endMember() throws IOException {
    position -= inflater.remaining();
    long expectedCrc = next32();
    long expectedLength = next32();
    if (expectedCrc != crc.getValue() || expectedLength != (written & 0xffffffffL)) {
      throw new ZipException("the gzip data does not match its checksum");
    }
    inMember = false;
  }

  @Override
  public void close() throws IOException {
    inflater.close();
    in.close();
  }
}

package dev.pinnace.internal.content;

import dev.pinnace.error.UnsupportedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** How a stream is compressed, told by its first bytes and never by a name or media type. */
public enum Compression {
  NONE,
  /** RFC 1952, any number of members. */
  GZIP,
  /** RFC 8878, any number of frames. */
  ZSTD;

  private static final int MAGIC = 4;
  private static final int ZSTD_FRAME = 0xfd2fb528;

  /** A frame that is not data; some writers, as pzstd, begin with one. */
  private static final int SKIPPABLE_FRAME = 0x184d2a50;

  private static final int SKIPPABLE_MASK = ~0xf;
  private static final int LONGEST_MAGIC = 10;

  /** What {@code start}, the first bytes of a stream, says. */
  public static Compression of(byte[] start) {
    if (start.length >= 2 && (start[0] & 0xff) == 0x1f && (start[1] & 0xff) == 0x8b) {
      return GZIP;
    }
    if (start.length < MAGIC) {
      return NONE;
    }
    int mark = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt();
    boolean zstd = mark == ZSTD_FRAME || (mark & SKIPPABLE_MASK) == SKIPPABLE_FRAME;
    return zstd ? ZSTD : NONE;
  }

  /** A stream together with how it was compressed. */
  public record Decompressed(Compression compression, InputStream stream) {}

  /**
   * The name of a compression that {@code start} shows and that nothing here can read. What begins
   * like bzip2 may be a tar whose first file is called so: there its whole mark is asked for.
   */
  public static Optional<String> unknown(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("BZh") && text.startsWith("1AY&SY", MAGIC)) {
      return Optional.of("bzip2");
    }
    if (text.startsWith("\u00fd7zXZ\0")) {
      return Optional.of("xz");
    }
    if (text.startsWith("\u0004\"M\u0018")) {
      return Optional.of("lz4");
    }
    return Optional.empty();
  }

  /** As many bytes as {@link #unknown} looks at; a shorter stream is looked at as it is. */
  public static byte[] start(InputStream in) throws IOException {
    return in.readNBytes(LONGEST_MAGIC);
  }

  /**
   * Reads the first bytes of {@code raw} and decompresses it accordingly.
   *
   * @param what how messages call it
   * @throws UnsupportedException when it is compressed with something else, or with zstd on a host
   *     where the library for that cannot be unpacked
   */
  public static Decompressed decompress(InputStream raw, String what) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, LONGEST_MAGIC);
    byte[] start = start(in);
    in.unread(start);
    Optional<String> unknown = unknown(start);
    if (unknown.isPresent()) {
      throw new UnsupportedException(
          "the compression " + unknown.get() + " of " + what,
          "gzip and zstd can be read",
          "compress it with one of those, or not at all");
    }
    Compression compression = of(start);
    return new Decompressed(
        compression,
        switch (compression) {
          case NONE -> in;
          case GZIP -> new GunzipStream(in);
          case ZSTD -> Zstandard.decompress(in, what);
        });
  }
}

package dev.pinnace.internal.content;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** How a stream is compressed, told by its first bytes and never by a name or media type. */
public enum Compression {
  NONE,
  /** RFC 1952, any number of members. */
  GZIP,
  /** RFC 8878, any number of frames. */
  ZSTD;

  private static final int MAGIC = 4;

  /** What {@code start}, the first bytes of a stream, says. */
  public static Compression of(byte[] start) {
    if (start.length >= 2 && (start[0] & 0xff) == 0x1f && (start[1] & 0xff) == 0x8b) {
      return GZIP;
    }
    boolean zstd =
        start.length >= MAGIC
            && (start[0] & 0xff) == 0x28
            && (start[1] & 0xff) == 0xb5
            && (start[2] & 0xff) == 0x2f
            && (start[3] & 0xff) == 0xfd;
    return zstd ? ZSTD : NONE;
  }

  /** A stream together with how it was compressed. */
  public record Decompressed(Compression compression, InputStream stream) {}

  /** Reads the first bytes of {@code raw} and decompresses it accordingly. */
  public static Decompressed decompress(InputStream raw) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, MAGIC);
    byte[] start = in.readNBytes(MAGIC);
    in.unread(start);
    Compression compression = of(start);
    return new Decompressed(
        compression,
        switch (compression) {
          case NONE -> in;
          case GZIP -> new GunzipStream(in);
          case ZSTD -> new ZstdInputStream(in);
        });
  }
}

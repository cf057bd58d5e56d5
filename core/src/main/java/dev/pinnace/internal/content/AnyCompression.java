package dev.pinnace.internal.content;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.UnsupportedException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * Streams that a person has made, not a registry: beside what layers may be compressed with these
 * may be bzip2 and xz. Nothing is executed for that.
 */
public final class AnyCompression {
  private static final int BUFFER = 1 << 18;

  /** KiB that the dictionary of an archive may ask for: that of {@code xz -9} needs 65 MiB. */
  private static final int XZ_MEMORY = 256 << 10;

  private AnyCompression() {}

  /**
   * Reads the first bytes of {@code raw} and decompresses it accordingly.
   *
   * @param what how messages call it
   * @throws UnsupportedException when it is compressed with something else
   * @throws CorruptException when it is damaged, as the result does later
   */
  public static InputStream decompress(InputStream raw, String what) throws IOException {
    PushbackInputStream in = new PushbackInputStream(raw, BUFFER);
    byte[] start = Compression.start(in);
    in.unread(start);
    try {
      return new DamageNamingStream(
          switch (Compression.unknown(start).orElse("")) {
            case "bzip2" -> new Bzip2(in);
            case "xz" -> new XZInputStream(in, XZ_MEMORY);
            default -> Compression.decompress(in, what).stream();
          },
          what);
    } catch (EOFException | XZIOException damage) { // the headers of xz are read here
      throw new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    }
  }

  /** Its library throws plain exceptions, which cannot be told from those of the stream below. */
  private static final class Bzip2 extends InputStream {
    private final Marking below;
    private final InputStream in;

    Bzip2(InputStream compressed) throws IOException {
      below = new Marking(compressed);
      in = new BZip2CompressorInputStream(below, true);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      try {
        return in.read(into, from, length);
      } catch (IOException failure) {
        throw below.failed ? failure : new ZipException(failure.getMessage());
      }
    }
  }

  /** Remembers that it has failed itself. */
  private static final class Marking extends FilterInputStream {
    private boolean failed;

    Marking(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      try {
        return in.read(into, from, length);
      } catch (IOException failure) {
        failed = true;
        throw failure;
      }
    }
  }
}

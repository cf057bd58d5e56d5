package dev.pinnace.internal.content;

import com.github.luben.zstd.ZstdIOException;
import dev.pinnace.error.CorruptException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.tukaani.xz.XZIOException;

/** Says of compressed data that is damaged in which file it is. */
public final class DamageNamingStream extends FilterInputStream {
  private final String what;

  /**
   * Begins.
   *
   * @param decompressed what a decompressor gives
   * @param what how messages call its file
   */
  public DamageNamingStream(InputStream decompressed, String what) {
    super(decompressed);
    this.what = what;
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
    } catch (ZipException | EOFException | ZstdIOException | XZIOException damage) {
      throw new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    }
  }
}

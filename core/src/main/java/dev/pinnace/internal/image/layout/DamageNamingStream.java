package dev.pinnace.internal.image.layout;

import com.github.luben.zstd.ZstdIOException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Compression;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/** Decompresses, and says of damaged data in which file it is. */
final class DamageNamingStream extends FilterInputStream {
  private final String what;

  DamageNamingStream(InputStream compressed, String what) throws IOException {
    super(Compression.decompress(compressed, what).stream());
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
    } catch (ZipException | EOFException | ZstdIOException damage) {
      throw new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    }
  }
}

package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.transfer.LayerStream;
import dev.pinnace.spec.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The bytes of a blob that is in the store, verified when all of it was read. For one thread. */
final class Stored extends FilterInputStream implements LayerStream.RawBlob {
  private final Digest expected;
  private final Sha256 sha256 = new Sha256();
  private @Nullable Digest actual;

  Stored(InputStream blob, Digest expected) {
    super(blob);
    this.expected = expected;
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
      sha256.update(into, from, got);
    }
    return got;
  }

  @Override
  public void verify() {
    if (!digest().equals(expected)) {
      throw new CorruptException(
          "blob " + expected + " in the store now has the digest " + digest());
    }
  }

  @Override
  public Digest digest() {
    Digest known = actual;
    if (known == null) {
      known = sha256.finish();
      actual = known;
    }
    return known;
  }
}

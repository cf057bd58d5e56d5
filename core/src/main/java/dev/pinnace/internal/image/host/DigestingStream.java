package dev.pinnace.internal.image.host;

import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.Digest;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Knows the digest of what was written. */
final class DigestingStream extends FilterOutputStream {
  private final Sha256 sha256 = new Sha256();

  DigestingStream(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
    sha256.update(bytes, from, length);
  }

  Digest digest() {
    return sha256.finish();
  }
}

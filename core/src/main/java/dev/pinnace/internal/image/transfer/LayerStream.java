package dev.pinnace.internal.image.transfer;

import com.github.luben.zstd.ZstdIOException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Compression;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * A layer's uncompressed tar. The read that would answer -1 verifies first: the diffID, and length
 * and digest of the blob that the tar came from.
 */
public final class LayerStream extends InputStream {
  private static final int CHUNK = 1 << 16;

  private final InputStream raw;
  private final InputStream tar;
  private final Compression compression;
  private final String what;
  private final Digest diffId;
  private final RawBlob blob;
  private final ImageLimit limit;

  /** Of the tar; empty where the blob is the tar, for that is hashed as it is. */
  private final Optional<Sha256> sha256;

  private boolean verified;

  private LayerStream(
      InputStream raw,
      Compression.Decompressed decompressed,
      String what,
      Digest diffId,
      RawBlob blob,
      ImageLimit limit) {
    this.raw = raw;
    this.tar = decompressed.stream();
    this.compression = decompressed.compression();
    this.what = what;
    this.diffId = diffId;
    this.blob = blob;
    this.limit = limit;
    this.sha256 = compression == Compression.NONE ? Optional.empty() : Optional.of(new Sha256());
  }

  /** What is known of the blob when all of it was read. */
  public interface RawBlob {
    /**
     * Compares it with what was promised.
     *
     * @throws CorruptException when it differs
     */
    void verify();

    /** Its digest. */
    Digest digest();
  }

  /**
   * Begins to decompress {@code raw}, whose last read verifies it or {@code blob} does.
   *
   * @param limit of the image, which counts what is read
   */
  public static LayerStream open(
      InputStream raw, String what, Digest diffId, RawBlob blob, ImageLimit limit)
      throws IOException {
    return new LayerStream(raw, Compression.decompress(raw, what), what, diffId, blob, limit);
  }

  Compression compression() {
    return compression;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (verified) {
      return -1;
    }
    int got;
    try {
      got = tar.read(into, from, length);
    } catch (ZipException | EOFException | ZstdIOException damage) {
      throw new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    }
    if (got < 0) {
      verify();
    } else {
      limit.add(got);
      sha256.ifPresent(sum -> sum.update(into, from, got));
    }
    return got;
  }

  private void verify() throws IOException {
    byte[] rest = new byte[CHUNK];
    int got;
    do {
      got = raw.read(rest, 0, rest.length); // the blob is all its bytes, read by the codec or not
    } while (got >= 0);
    blob.verify();
    Digest actual = sha256.map(Sha256::finish).orElseGet(blob::digest);
    if (!actual.equals(diffId)) {
      throw new CorruptException(
          what
              + " unpacks to the diffID "
              + actual
              + ", but the image's configuration says "
              + diffId);
    }
    verified = true;
  }

  /** Reads to the end. */
  void drain() throws IOException {
    byte[] rest = new byte[CHUNK];
    int got;
    do {
      got = read(rest, 0, rest.length);
    } while (got >= 0);
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}

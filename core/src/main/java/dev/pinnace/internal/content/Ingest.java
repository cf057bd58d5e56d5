package dev.pinnace.internal.content;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is being written. It becomes visible by {@link #commit}; closed without, it leaves
 * nothing. For one thread.
 */
public final class Ingest extends OutputStream {
  private final ContentStore store;
  private final Lease lease;
  private final Path partial;
  private final String what;
  private final FileChannel out;
  private final Sha256 sha256 = new Sha256();
  private long size;
  private @Nullable Digest finished;

  Ingest(ContentStore store, Lease lease, Path partial, String what) throws IOException {
    this.store = store;
    this.lease = lease;
    this.partial = partial;
    this.what = what;
    this.out = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (finished != null) {
      throw new IllegalStateException(what + " is complete");
    }
    ByteBuffer left = ByteBuffer.wrap(bytes, from, length);
    while (left.hasRemaining()) {
      out.write(left);
    }
    sha256.update(bytes, from, length);
    size += length;
  }

  /** How many bytes were written so far. */
  public long size() {
    return size;
  }

  /** The digest of everything written. Nothing more can be written afterwards. */
  public Digest digest() {
    Digest known = finished;
    if (known == null) {
      known = sha256.finish();
      finished = known;
    }
    return known;
  }

  /**
   * Compares what was written with what was promised. Nothing more can be written afterwards.
   *
   * @param expectedSize the length in bytes
   * @throws CorruptException when digest or length differ
   */
  public void verify(Digest expected, long expectedSize) {
    if (expectedSize != size) {
      throw new CorruptException(
          what + " has " + size + " bytes, but its descriptor says " + expectedSize);
    }
    if (!digest().equals(expected)) {
      throw new CorruptException(
          what + " has the digest " + digest() + ", but its descriptor says " + expected);
    }
  }

  /** Reads what was written, before it is visible. */
  public InputStream reread() throws IOException {
    return Files.newInputStream(partial);
  }

  /** Makes the blob visible under its digest, pinned by the lease. */
  public Digest commit() throws IOException {
    return commit(true);
  }

  /**
   * The same.
   *
   * @param sync whether its bytes are on the disk before that
   */
  Digest commit(boolean sync) throws IOException {
    lease.pin(digest());
    publish(digest(), sync);
    return digest();
  }

  /** Gives it its place, unless the same bytes are there: a damaged blob is replaced. */
  private void publish(Digest digest, boolean sync) throws IOException {
    Path place = store.path(digest);
    if (Files.isRegularFile(place)
        && Files.size(place) == size
        && Files.mismatch(partial, place) < 0) {
      return;
    }
    if (sync) {
      out.force(true);
    }
    out.close();
    Durable.publish(partial, place, "blob", sync);
  }

  /** Removes the partial file unless it was committed. Closing twice does nothing. */
  @Override
  public void close() throws IOException {
    out.close();
    Files.deleteIfExists(partial);
  }
}

package dev.pinnace.internal.image.pull;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.PartialBlob;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a blob as they come: first what an earlier transfer has left of it, then from its
 * source, from where on they are missing. Everything is kept in the partial blob, and the read that
 * would answer -1 verifies first. For one thread.
 */
final class Received extends InputStream {
  private static final Logger LOG = LoggerFactory.getLogger(Received.class);

  private final PartialBlob partial;
  private final BlobSource source;
  private final Descriptor blob;
  private final String what;
  private final LongConsumer progress;
  private @Nullable InputStream body;
  private boolean verified;

  /**
   * @param what how messages call it
   * @param progress hears how many bytes are here
   */
  Received(
      PartialBlob partial, BlobSource source, Descriptor blob, String what, LongConsumer progress) {
    this.partial = partial;
    this.source = source;
    this.blob = blob;
    this.what = what;
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (verified || length == 0) {
      return verified ? -1 : 0;
    }
    if (partial.left() > 0) {
      int got = partial.received(into, from, length);
      progress.accept(partial.size());
      return got;
    }
    if (partial.size() >= blob.size()) {
      verify();
      return -1;
    }
    int got = receive(into, from, length);
    if (partial.size() + got > blob.size()) {
      throw longer();
    }
    partial.write(into, from, got);
    progress.accept(partial.size());
    return got;
  }

  private int receive(byte[] into, int from, int length) throws IOException {
    InputStream open = body;
    if (open == null) {
      open = source.open(blob, partial.size());
      body = open;
    }
    int got = open.read(into, from, length);
    if (got < 0) {
      throw new CorruptException(
          what + " has " + partial.size() + " bytes, but its descriptor says " + blob.size());
    }
    return got;
  }

  private void hangUp() {
    InputStream open = body;
    body = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException failure) {
        LOG.debug("the line of {} did not end well", what, failure);
      }
    }
  }

  private void verify() {
    if (partial.size() > blob.size() || goesOn()) {
      throw longer();
    }
    if (!partial.isWhole()) {
      throw new CorruptException(
          what
              + " has the digest "
              + partial.digest()
              + ", but its descriptor says "
              + blob.digest());
    }
    verified = true;
    hangUp();
  }

  /** Whether more comes than was promised. */
  private boolean goesOn() {
    InputStream open = body;
    try {
      return open != null && open.read() >= 0;
    } catch (IOException failure) {
      return false; // All that is wanted is here.
    }
  }

  private CorruptException longer() {
    return new CorruptException(
        what + " is longer than the " + blob.size() + " bytes that its descriptor says");
  }

  @Override
  public void close() {
    hangUp();
  }
}

package dev.pinnace.internal.image.transfer;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.content.Compression;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Ingest;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Reads each layer once: the bytes go into the store as they come, and decompressed into the
 * unpacker. Digest, length and diffID are verified before either is visible. Thread-safe.
 */
public final class LayerIngest {
  private final ContentStore store;
  private final LayerUnpacker unpacker;
  private final Lease lease;
  private final Documents documents;

  /** Where small blobs go. */
  @FunctionalInterface
  public interface Documents {
    /** Stores one, pinned by the lease, now or together with others. */
    Digest put(byte[] bytes) throws IOException;
  }

  public LayerIngest(ContentStore store, LayerUnpacker unpacker, Lease lease) {
    this(store, unpacker, lease, true);
  }

  /**
   * @param sync whether small blobs are on the disk before they are visible
   */
  public LayerIngest(ContentStore store, LayerUnpacker unpacker, Lease lease, boolean sync) {
    this(store, unpacker, lease, bytes -> store.put(lease, bytes, sync));
  }

  /** Small blobs go to {@code documents}. */
  public LayerIngest(ContentStore store, LayerUnpacker unpacker, Lease lease, Documents documents) {
    this.store = store;
    this.unpacker = unpacker;
    this.lease = lease;
    this.documents = documents;
  }

  /** Where one layer stands: its own diffID and chain ID, and the chain ID below. */
  public record Place(Digest diffId, Digest chainId, Optional<Digest> parent) {}

  /** The lease that pins what is added. */
  public Lease lease() {
    return lease;
  }

  /** Stores a small blob. */
  public Digest put(byte[] bytes) throws IOException {
    return documents.put(bytes);
  }

  /** Whether blob and unpacked layer are both here, as far as their lengths tell; pins them. */
  public boolean has(Descriptor blob, Digest chainId) throws IOException {
    lease.pin(blob.digest());
    lease.pin(chainId);
    return store.has(blob.digest())
        && store.size(blob.digest()) == blob.size()
        && unpacker.has(chainId);
  }

  /**
   * Takes in a bottom layer that was written here, uncompressed, and describes it.
   *
   * @param written all of it, not committed yet
   */
  public Descriptor take(Ingest written) throws IOException {
    Digest diffId = written.digest();
    lease.pin(diffId);
    if (!unpacker.has(diffId)) {
      try (InputStream tar = written.reread()) {
        unpacker.unpack(diffId, Optional.empty(), tar);
      }
    }
    written.commit();
    return new Descriptor(MediaTypes.LAYER, diffId, written.size());
  }

  /** Writes a tar. */
  @FunctionalInterface
  public interface Writing {
    /**
     * Writes all of it, end mark included.
     *
     * @return whether there is to be a layer
     */
    boolean to(OutputStream tar) throws IOException;
  }

  /**
   * Makes a layer of a tar that is written now: compressed with gzip, the same tar always to the
   * same bytes, and unpacked.
   *
   * @param what how messages call it
   * @param parent the chain ID of the layer below; empty for a bottom layer
   * @return the layer; empty if it was not to be
   */
  public Optional<MadeLayer> make(String what, Optional<Digest> parent, Writing writing)
      throws IOException {
    return new LayerMaking(unpacker, lease).make(what, parent, writing);
  }

  /**
   * Takes in a layer whose descriptor is known.
   *
   * @param what how messages call it
   * @param limit what counts the layers of its image
   */
  public void take(InputStream raw, String what, Descriptor expected, Place place, ImageLimit limit)
      throws IOException {
    read(raw, what, Optional.of(expected), place, limit);
  }

  /** Takes in a layer of which only the diffID is known, and describes it. */
  public Descriptor take(InputStream raw, String what, Place place, ImageLimit limit)
      throws IOException {
    return read(raw, what, Optional.empty(), place, limit);
  }

  private Descriptor read(
      InputStream raw, String what, Optional<Descriptor> expected, Place place, ImageLimit limit)
      throws IOException {
    lease.pin(place.chainId());
    try (Ingest blob = lease.ingest(what)) {
      InputStream copied =
          new CopyingStream(raw, blob, expected.map(Descriptor::size).orElse(Long.MAX_VALUE), what);
      Compression compression;
      try (LayerStream tar =
          LayerStream.open(copied, what, place.diffId(), raw(blob, expected), limit)) {
        compression = tar.compression();
        if (!unpacker.has(place.chainId())) {
          unpack(tar, what, place);
        }
        tar.drain();
      }
      blob.commit();
      return expected.orElseGet(
          () -> new Descriptor(mediaType(compression), blob.digest(), blob.size()));
    }
  }

  private static LayerStream.RawBlob raw(Ingest blob, Optional<Descriptor> expected) {
    return new LayerStream.RawBlob() {
      @Override
      public void verify() {
        expected.ifPresent(promised -> blob.verify(promised.digest(), promised.size()));
      }

      @Override
      public Digest digest() {
        return blob.digest();
      }
    };
  }

  private void unpack(LayerStream tar, String what, Place place) throws IOException {
    try {
      unpacker.unpack(place.chainId(), place.parent(), tar);
    } catch (CorruptException damage) {
      throw String.valueOf(damage.getMessage()).contains(what)
          ? damage
          : new CorruptException(what + " is damaged: " + damage.getMessage(), damage);
    } catch (InvalidSpecException refusal) {
      throw new InvalidSpecException(what + " is refused: " + refusal.getMessage(), refusal);
    }
  }

  private static String mediaType(Compression compression) {
    return switch (compression) {
      case NONE -> MediaTypes.LAYER;
      case GZIP -> MediaTypes.LAYER_GZIP;
      case ZSTD -> MediaTypes.LAYER_ZSTD;
    };
  }
}

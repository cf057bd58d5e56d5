package dev.pinnace.internal.image.layout;

import dev.pinnace.internal.content.Compression;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A layer as an archive has it.
 *
 * @param stored the blob in the store
 * @param saved the blob in the archive
 */
record SavedLayer(Descriptor stored, Descriptor saved) {
  /** As it is. */
  static SavedLayer unchanged(Descriptor layer) {
    return new SavedLayer(layer, layer);
  }

  /** As it is, unless that is zstd: then uncompressed. */
  static SavedLayer readableByAll(ContentStore store, Descriptor layer, Digest diffId)
      throws IOException {
    try (InputStream blob = store.open(layer.digest())) {
      byte[] start = Compression.start(blob);
      if (Compression.of(start) != Compression.ZSTD) {
        return unchanged(layer);
      }
    }
    SavedLayer plain = new SavedLayer(layer, new Descriptor(MediaTypes.LAYER, diffId, 0));
    try (InputStream tar = plain.open(store)) {
      long size = tar.transferTo(OutputStream.nullOutputStream());
      return new SavedLayer(layer, new Descriptor(MediaTypes.LAYER, diffId, size));
    }
  }

  boolean isUnchanged() {
    return stored.equals(saved);
  }

  InputStream open(ContentStore store) throws IOException {
    InputStream blob = store.open(stored.digest());
    return isUnchanged() ? blob : Compression.decompress(blob, "layer " + stored.digest()).stream();
  }
}

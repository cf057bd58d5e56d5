package dev.pinnace.internal.image.pull;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Documents that are in the store are read there, if they are whole; others are fetched.
 *
 * @param fetched which those were
 */
record HereFirst(ContentStore store, Lease lease, BlobSource elsewhere, Set<Digest> fetched)
    implements BlobSource {
  static HereFirst in(ContentStore store, Lease lease, BlobSource elsewhere) {
    return new HereFirst(store, lease, elsewhere, new HashSet<>());
  }

  @Override
  public InputStream open(Descriptor document) throws IOException {
    Optional<byte[]> here = find(document);
    if (here.isPresent()) {
      return new ByteArrayInputStream(here.get());
    }
    fetched.add(document.digest());
    return elsewhere.open(document);
  }

  @Override
  public boolean disown(Descriptor document) {
    return elsewhere.disown(document);
  }

  private Optional<byte[]> find(Descriptor document) throws IOException {
    lease.pin(document.digest());
    if (document.size() > ImageJson.LARGEST_DOCUMENT
        || !store.has(document.digest())
        || store.size(document.digest()) != document.size()) {
      return Optional.empty();
    }
    try (InputStream in = store.open(document.digest())) {
      byte[] bytes = in.readAllBytes();
      return Optional.of(bytes).filter(whole -> Sha256.of(whole).equals(document.digest()));
    }
  }
}

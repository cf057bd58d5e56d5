package dev.pinnace.internal.image.pull;

import dev.pinnace.internal.image.registry.Repository;
import dev.pinnace.internal.image.registry.ResolvedManifest;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Blobs and manifests of a registry's repository. Thread-safe.
 *
 * @param resolved what the pull began with, which is not asked for again
 */
public record RepositorySource(Repository repository, ResolvedManifest resolved)
    implements BlobSource {
  @Override
  public InputStream open(Descriptor blob) throws IOException {
    if (blob.digest().equals(resolved.descriptor().digest())) {
      return new ByteArrayInputStream(resolved.bytes());
    }
    if (MediaTypes.isIndex(blob.mediaType()) || MediaTypes.isManifest(blob.mediaType())) {
      return new ByteArrayInputStream(repository.manifest(blob));
    }
    return open(blob, 0);
  }

  @Override
  public boolean disown(Descriptor blob) {
    return repository.disown(blob.digest());
  }

  @Override
  public InputStream open(Descriptor blob, long offset) throws IOException {
    return repository.blob(blob, offset);
  }
}

package dev.pinnace.internal.image.layout;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.spec.ImageReference;
import java.util.List;

/**
 * An image that goes into an archive.
 *
 * @param manifest describes its manifest
 * @param document its manifest
 * @param config its configuration
 * @param names the names that it has in the archive
 */
public record SavedImage(
    Descriptor manifest, ImageManifest document, ImageConfig config, List<ImageReference> names) {
  public SavedImage {
    names = List.copyOf(names);
  }
}

package dev.pinnace.internal.image;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * An entry of the list of images. Its documents may be damaged; then it can still be named and
 * removed.
 *
 * @param target what its names point at
 * @param names its names, in the order in which they were given
 * @param image the image, if its documents can be read
 * @param damage why they cannot; empty if they can
 */
public record ListedImage(
    Descriptor target,
    List<ImageReference> names,
    Optional<StoredImage> image,
    Optional<String> damage) {
  public ListedImage {
    names = List.copyOf(names);
  }

  /** The image's id; of a damaged one the digest of what its names point at. */
  public Digest id() {
    return image.map(StoredImage::id).orElse(target.digest());
  }

  /** Whether {@code prefix} begins its id or is a whole digest by which it can be asked for. */
  boolean isCalled(String prefix) {
    return id().hex().startsWith(prefix)
        || target.digest().hex().equals(prefix)
        || image.filter(found -> found.manifestDigest().hex().equals(prefix)).isPresent();
  }
}

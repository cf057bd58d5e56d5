package dev.pinnace.internal.image.layout;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.ImageReference;
import java.util.List;

/**
 * An image of which everything is in the store, but which has no name there yet.
 *
 * @param target its manifest or index
 * @param names the names that the archive gives it
 */
public record LoadedImage(Descriptor target, List<ImageReference> names) {
  public LoadedImage {
    names = List.copyOf(names);
  }
}

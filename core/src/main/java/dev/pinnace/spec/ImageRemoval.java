package dev.pinnace.spec;

import java.util.List;
import java.util.Optional;

/**
 * What the removal of an image did.
 *
 * @param untagged the names that are gone
 * @param deleted the image's id, if it went with its last name; of a damaged image the digest of
 *     its manifest or index
 */
public record ImageRemoval(List<String> untagged, Optional<Digest> deleted) {
  public ImageRemoval {
    untagged = List.copyOf(untagged);
  }
}

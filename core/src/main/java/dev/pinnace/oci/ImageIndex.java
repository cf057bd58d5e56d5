package dev.pinnace.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A list of manifests, one per platform, or the {@code index.json} of an image layout (image-spec,
 * <i>Image Index</i>; Docker's manifest list).
 *
 * @param mediaType {@link MediaTypes#INDEX} or Docker's
 * @param manifests manifests and further indexes, best match first
 * @param annotations arbitrary metadata
 */
public record ImageIndex(
    String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {
  public ImageIndex {
    manifests = List.copyOf(manifests);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }
}

package dev.pinnace.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One image for one platform (image-spec, <i>Image Manifest</i>).
 *
 * @param mediaType {@link MediaTypes#MANIFEST} or Docker's
 * @param config the {@link ImageConfig}
 * @param layers the layers, lowest first
 * @param annotations arbitrary metadata
 */
public record ImageManifest(
    String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
  public ImageManifest {
    layers = List.copyOf(layers);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }
}

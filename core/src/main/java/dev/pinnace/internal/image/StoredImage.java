package dev.pinnace.internal.image;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Optional;

/**
 * An image that is here.
 *
 * @param target what its names point at: the manifest, or the index that it was chosen from
 * @param manifestDigest the manifest's digest
 * @param manifest the manifest
 * @param config the configuration
 * @param names its names, in the order in which they were given
 */
public record StoredImage(
    Descriptor target,
    Digest manifestDigest,
    ImageManifest manifest,
    ImageConfig config,
    List<ImageReference> names) {
  public StoredImage {
    names = List.copyOf(names);
  }

  /** The image's id: the digest of its configuration, as Docker has it. */
  public Digest id() {
    return manifest.config().digest();
  }

  /** What it runs on: as the index says that it was chosen from, else as it says itself. */
  public Platform platform() {
    return target.platform().orElseGet(config::platform);
  }

  /** The chain ID of the topmost layer; empty for an image without layers. */
  public Optional<Digest> topLayer() {
    List<Digest> chain = config.chainIds();
    return chain.isEmpty() ? Optional.empty() : Optional.of(chain.get(chain.size() - 1));
  }
}

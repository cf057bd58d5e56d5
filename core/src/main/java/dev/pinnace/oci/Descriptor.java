package dev.pinnace.oci;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names a blob by what it holds (image-spec, <i>Content Descriptors</i>).
 *
 * @param mediaType what the blob is, see {@link MediaTypes}
 * @param digest the digest of its bytes
 * @param size its length in bytes
 * @param platform in an index, what the manifest runs on; of an index in a store, which of its
 *     manifests is meant
 * @param annotations arbitrary metadata, sorted by key
 * @param urls where the blob can be had besides, as for layers that registries must not hand on
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Map<String, String> annotations,
    List<String> urls) {
  /** The annotation that names a manifest in an image layout's {@code index.json}. */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  /**
   * @throws InvalidSpecException when {@code size} is negative
   */
  public Descriptor {
    if (size < 0) {
      throw new InvalidSpecException("the size " + size + " of " + digest + " is negative");
    }
    annotations = java.util.Collections.unmodifiableMap(new TreeMap<>(annotations));
    urls = List.copyOf(urls);
  }

  /** A descriptor without urls. */
  public Descriptor(
      String mediaType,
      Digest digest,
      long size,
      Optional<Platform> platform,
      Map<String, String> annotations) {
    this(mediaType, digest, size, platform, annotations, List.of());
  }

  /** A descriptor without platform and annotations. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Optional.empty(), Map.of());
  }

  /** The same blob for another platform, or for none in particular. */
  public Descriptor on(Optional<Platform> other) {
    return new Descriptor(mediaType, digest, size, other, annotations);
  }

  /** The value of an annotation, or null. */
  public @Nullable String annotation(String key) {
    return annotations.get(key);
  }

  /** The same blob with one annotation set, or removed when {@code value} is null. */
  public Descriptor withAnnotation(String key, @Nullable String value) {
    Map<String, String> changed = new TreeMap<>(annotations);
    if (value == null) {
      changed.remove(key);
    } else {
      changed.put(key, value);
    }
    return new Descriptor(mediaType, digest, size, platform, changed, urls);
  }

  /** The digest tells almost all apart; what the compiler gives a record is slow to set up. */
  @Override
  public int hashCode() {
    return digest.hashCode();
  }
}

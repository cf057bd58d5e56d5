package dev.pinnace.oci;

/**
 * Media types of image documents, by the OCI image-spec and by Docker (registry manifest version 2,
 * schema 2), which mean the same.
 */
public final class MediaTypes {
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String LAYER_GZIP = LAYER + "+gzip";
  public static final String LAYER_ZSTD = LAYER + "+zstd";
  public static final String DOCKER_INDEX =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  public static final String DOCKER_LAYER_GZIP =
      "application/vnd.docker.image.rootfs.diff.tar.gzip";

  private MediaTypes() {}

  /** Whether {@code type} names an image index or Docker's manifest list. */
  public static boolean isIndex(String type) {
    return type.equals(INDEX) || type.equals(DOCKER_INDEX);
  }

  /** Whether {@code type} names an image manifest, OCI or Docker. */
  public static boolean isManifest(String type) {
    return type.equals(MANIFEST) || type.equals(DOCKER_MANIFEST);
  }

  /** Whether {@code type} names an image's configuration, OCI or Docker. */
  public static boolean isConfig(String type) {
    return type.equals(CONFIG) || type.equals(DOCKER_CONFIG);
  }

  /** Whether {@code type} names a layer of files: a tar, compressed or not, OCI or Docker. */
  public static boolean isLayer(String type) {
    return type.startsWith("application/vnd.oci.image.layer.")
        || type.startsWith("application/vnd.docker.image.rootfs.");
  }

  /**
   * Whether {@code type} names a layer that a registry must not hand on: it is fetched from where
   * its descriptor says, and not pushed (image-spec, <i>Non-Distributable Layers</i>).
   */
  public static boolean isNonDistributable(String type) {
    return isLayer(type) && (type.contains(".nondistributable.") || type.contains(".foreign."));
  }
}

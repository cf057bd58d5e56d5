package dev.pinnace.spec;

import java.util.Objects;

/**
 * How images are saved. Immutable.
 *
 * @param format by default {@link Format#DOCKER_ARCHIVE}
 */
public record SaveOptions(Format format) {
  /** What a save writes. */
  public enum Format {
    /**
     * What {@code docker save} has written since Docker 25: a tar that is an OCI layout and has
     * Docker's {@code manifest.json} besides, so that Docker, Podman and skopeo load it in every
     * version. Layers that are compressed with zstd, which Docker before 23 cannot read, are stored
     * uncompressed, with a manifest that says so.
     */
    DOCKER_ARCHIVE,
    /** An OCI image layout in a tar (image-spec, <i>Image Layout</i>). */
    OCI_ARCHIVE,
    /** An OCI image layout in a directory. */
    OCI_DIRECTORY
  }

  /** The defaults above. */
  public static SaveOptions defaults() {
    return new SaveOptions(Format.DOCKER_ARCHIVE);
  }

  /** In that format. */
  public static SaveOptions of(Format format) {
    Objects.requireNonNull(format, "format");
    return new SaveOptions(format);
  }
}

package dev.pinnace.internal.image.json;

import java.util.List;

/**
 * One image in {@code manifest.json} of a docker-archive, as {@code docker save} writes it.
 *
 * @param config the configuration's path in the archive
 * @param repoTags the image's names
 * @param layers the layers' paths in the archive, lowest first
 */
public record DockerArchiveImage(String config, List<String> repoTags, List<String> layers) {
  public DockerArchiveImage {
    repoTags = List.copyOf(repoTags);
    layers = List.copyOf(layers);
  }

  /** The image alone: an archive may list it once for each name. */
  public DockerArchiveImage nameless() {
    return new DockerArchiveImage(config, List.of(), layers);
  }
}

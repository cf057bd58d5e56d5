package dev.pinnace.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * What a clean-up removed.
 *
 * @param containers that are gone
 * @param images what was removed of each
 * @param volumes the names of those that are gone
 * @param freed space on the disk
 */
public record PruneReport(
    List<ContainerId> containers, List<ImageRemoval> images, List<String> volumes, Bytes freed) {
  public PruneReport {
    containers = List.copyOf(containers);
    images = List.copyOf(images);
    volumes = List.copyOf(volumes);
  }

  /** Both together. */
  public PruneReport plus(PruneReport other) {
    List<ContainerId> allContainers = new ArrayList<>(containers);
    allContainers.addAll(other.containers);
    List<ImageRemoval> allImages = new ArrayList<>(images);
    allImages.addAll(other.images);
    List<String> allVolumes = new ArrayList<>(volumes);
    allVolumes.addAll(other.volumes);
    return new PruneReport(
        allContainers, allImages, allVolumes, Bytes.of(freed.count() + other.freed.count()));
  }
}

package dev.pinnace.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * What a clean-up removed.
 *
 * @param containers that are gone
 * @param images what was removed of each
 * @param freed space on the disk
 */
public record PruneReport(List<ContainerId> containers, List<ImageRemoval> images, Bytes freed) {
  public PruneReport {
    containers = List.copyOf(containers);
    images = List.copyOf(images);
  }

  /** Both together. */
  public PruneReport plus(PruneReport other) {
    List<ContainerId> allContainers = new ArrayList<>(containers);
    allContainers.addAll(other.containers);
    List<ImageRemoval> allImages = new ArrayList<>(images);
    allImages.addAll(other.images);
    return new PruneReport(allContainers, allImages, Bytes.of(freed.count() + other.freed.count()));
  }
}

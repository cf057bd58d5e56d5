package dev.pinnace.spec;

import java.util.List;

/**
 * What takes space below an engine's root, in bytes that are allocated on the disk.
 *
 * @param images each image
 * @param containers each container
 * @param imagesTotal all images together, what several share counted once, and downloads that wait
 *     to be continued
 * @param imagesReclaimable what of that no container needs
 */
public record DiskUsage(
    List<ImageUsage> images,
    List<ContainerUsage> containers,
    Bytes imagesTotal,
    Bytes imagesReclaimable) {
  public DiskUsage {
    images = List.copyOf(images);
    containers = List.copyOf(containers);
  }

  /**
   * One image.
   *
   * @param image what lists say of it
   * @param size its unpacked layers and its blobs
   * @param shared what of that other images need too
   * @param containers how many containers use it
   */
  public record ImageUsage(ImageSummary image, Bytes size, Bytes shared, int containers) {
    /** What its removal would free. */
    public Bytes unique() {
      return Bytes.of(size.count() - shared.count());
    }
  }

  /**
   * One container.
   *
   * @param state what there is to know about it
   * @param size its own files and what it changed of the image's, and its log
   */
  public record ContainerUsage(ContainerState state, Bytes size) {}

  /** All containers together. */
  public Bytes containersTotal() {
    return Bytes.of(containers.stream().mapToLong(container -> container.size().count()).sum());
  }

  /** What the removal of the containers that do not run would free. */
  public Bytes containersReclaimable() {
    return Bytes.of(
        containers.stream()
            .filter(container -> !container.state().status().isAlive())
            .mapToLong(container -> container.size().count())
            .sum());
  }
}

package dev.pinnace.spec;

import java.util.List;

/**
 * What takes space below an engine's root. An image's size is everywhere that of its unpacked
 * layers; what it came as, and is pushed and saved as, are blobs, which count apart.
 *
 * @param images each image
 * @param containers each container
 * @param volumes each volume
 * @param imagesTotal the layers of all images, those that several share counted once, and those
 *     that containers keep of images that were removed by force
 * @param imagesReclaimable what of that no container needs
 * @param blobs what images came as
 */
public record DiskUsage(
    List<ImageUsage> images,
    List<ContainerUsage> containers,
    List<VolumeUsage> volumes,
    Bytes imagesTotal,
    Bytes imagesReclaimable,
    BlobUsage blobs) {
  public DiskUsage {
    images = List.copyOf(images);
    containers = List.copyOf(containers);
    volumes = List.copyOf(volumes);
  }

  /**
   * One image.
   *
   * @param image what lists say of it
   * @param size the sum of the lengths of the files of its layers; nothing of a layer that is not
   *     unpacked, as after a power failure
   * @param shared what of that other images need too
   * @param containers how many containers use it
   */
  public record ImageUsage(ImageSummary image, Bytes size, Bytes shared, int containers) {
    /** What of its layers its removal would free. */
    public Bytes unique() {
      return Bytes.of(size.count() - shared.count());
    }
  }

  /**
   * One container.
   *
   * @param state what there is to know about it
   * @param size its own files and what it changed of the image's, as allocated on the disk, and its
   *     log
   */
  public record ContainerUsage(ContainerState state, Bytes size) {}

  /**
   * One volume.
   *
   * @param state what there is to know about it
   * @param size its files, as allocated on the disk
   */
  public record VolumeUsage(VolumeState state, Bytes size) {}

  /**
   * Manifests, configurations and layers as they were received, compressed or not.
   *
   * @param count how many there are
   * @param active how many of them belong to images that containers use, or to layers that
   *     containers keep of images that were removed by force
   * @param size their lengths, and what downloads that wait to be continued have received
   * @param reclaimable what of that no container needs
   */
  public record BlobUsage(int count, int active, Bytes size, Bytes reclaimable) {}

  /** All volumes together. */
  public Bytes volumesTotal() {
    return Bytes.of(volumes.stream().mapToLong(volume -> volume.size().count()).sum());
  }

  /** What the removal of the volumes would free that no container uses. */
  public Bytes volumesReclaimable() {
    return Bytes.of(
        volumes.stream()
            .filter(volume -> !volume.state().isUsed())
            .mapToLong(volume -> volume.size().count())
            .sum());
  }

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

package dev.pinnace.spi.storage;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What one container writes. A description, without anything to close. Its user holds the
 * container's lock; not thread-safe.
 */
public interface ContainerLayer {
  /** The container's directory, as given to {@link StorageDriver#create}. */
  Path directory();

  /** The image's top layer; empty where the container started from nothing. */
  Optional<Digest> top();

  /** What the isolation backend mounts as the root of the container. */
  RootMount mount();

  /**
   * Opens the files as the container sees them, for reading and writing.
   *
   * <p>Only for a container that does not run: two mounts over one upper directory are accepted by
   * the kernel and undefined. The tree of a running container is its root descriptor, which its
   * supervisor gives.
   *
   * @throws UnsupportedException if this process cannot make the view (see {@link SnapshotTree})
   */
  SnapshotTree openTree();

  /** Where to find what the container changed; the container may run meanwhile. */
  LayerChanges changes();

  /**
   * Has files count as the container's own, where its size is limited: files of its host that it
   * can write, on the same file system as {@link #directory}. By default nothing is done, as befits
   * a driver that refuses limits.
   *
   * @throws UnsupportedException if the limit cannot be enforced any more
   */
  default void include(List<Path> files) {}

  /** The space that the container's own files take. Walks them. */
  Usage usage();
}

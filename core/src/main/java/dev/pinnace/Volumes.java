package dev.pinnace;

import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spec.VolumeState;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Volumes of an engine: directories that outlive the containers in which they are mounted. A volume
 * that a container has is used by it until the container is removed, whether that runs or not, and
 * whichever JVM made it. Thread-safe.
 */
public interface Volumes {
  /**
   * Makes a volume. One of that name that is there already, with the same driver, options and
   * labels, is returned as it is.
   *
   * @throws dev.pinnace.error.ConflictException if there is another one of that name
   * @throws dev.pinnace.error.UnsupportedException if the driver cannot do what its options say
   */
  Volume create(VolumeSpec spec);

  /** Makes a volume of that name with every default of {@link VolumeSpec}, or finds it. */
  default Volume create(String name) {
    return create(VolumeSpec.named(name));
  }

  /**
   * Makes a volume of a tar, compressed or not, such as {@link Volume#backup} writes. It is there
   * once all of it is on the disk. Entries cannot lead out of it. For an ordinary user all files
   * become its own.
   *
   * @param tar is read to its end, and stays open
   * @throws dev.pinnace.error.ConflictException if there is one of that name
   * @throws dev.pinnace.error.UnsupportedException if its files are not to be in the engine's root
   * @throws dev.pinnace.error.CorruptException if the archive is damaged
   * @throws dev.pinnace.error.PinnaceException if the stream fails
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  Volume restore(VolumeSpec spec, InputStream tar);

  /**
   * The volume of that name.
   *
   * @throws dev.pinnace.error.NotFoundException if there is none
   */
  Volume get(String name);

  /** The same; empty if there is none. */
  Optional<Volume> find(String name);

  /** Volumes by name. One that is damaged is logged and left out. */
  List<VolumeState> list(VolumeFilter filter);

  /**
   * Removes what {@code filter} means of the volumes that no container uses, with their files.
   * {@code VolumeFilter.all().anonymous(true)} leaves those that were given a name.
   */
  PruneReport prune(VolumeFilter filter);
}

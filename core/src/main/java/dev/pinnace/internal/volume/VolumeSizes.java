package dev.pinnace.internal.volume;

import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.storage.SizeLimits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.VolumeSpec;
import java.util.Optional;

/** What the files of a volume may take at most: a limit of its directory, and of nothing else. */
final class VolumeSizes {
  private VolumeSizes() {}

  /**
   * Limits a new directory, if it is to be.
   *
   * @param volumes where it is going to be
   */
  static void limit(Dir volumes, Dir volume, String data, VolumeSpec spec) {
    Optional<Bytes> size = size(spec);
    if (size.isEmpty()) {
      return;
    }
    String feature = "the size of volume " + spec.name().orElseThrow();
    SizeLimits.require(volumes, feature);
    try (Dir directory = volume.openDir(data)) {
      SizeLimits.begin(directory, feature);
      SizeLimits.limit(directory, size.get().count());
    }
    FaultPoints.reached("volume limited");
  }

  private static Optional<Bytes> size(VolumeSpec spec) {
    return spec.driver().equals(VolumeSpec.LOCAL) ? LocalVolume.of(spec).size() : Optional.empty();
  }

  /**
   * Lifts the limit of one that is to be removed, if its record says that it has one: containers
   * may give the files of a volume without a size to another's project.
   */
  static void lift(Dir parent, String name, String record, String data) {
    try (Dir volume = parent.openDir(name)) {
      if (isSized(volume, record)) {
        SizeLimits.end(volume, data);
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
        throw refusal;
      }
    }
  }

  private static boolean isSized(Dir volume, String record) {
    try (Fd file = volume.open(record, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0)) {
      return VolumeRecord.spec(file.readAll(VolumeRecord.LARGEST))
          .flatMap(VolumeSizes::size)
          .isPresent();
    }
  }
}

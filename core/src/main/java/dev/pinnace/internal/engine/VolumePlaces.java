package dev.pinnace.internal.engine;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.volume.HeldVolume;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Opens the directories in which volumes have their files, where the host has them: those of the
 * engine's root, those that are bound from elsewhere, and those that drivers mount. Thread-safe.
 */
final class VolumePlaces {
  private final Parts parts;
  private final DriverMounts drivers;

  VolumePlaces(Parts parts, DriverMounts drivers) {
    this.parts = parts;
    this.drivers = drivers;
  }

  /** Whether the host has the files, or can: not those of what is mounted in containers only. */
  static boolean isOnHost(VolumeSpec spec) {
    return !spec.driver().equals(VolumeSpec.LOCAL)
        || VolumeStore.isDirectory(spec)
        || LocalVolume.of(spec).isBind();
  }

  /** Of a volume whose files are mounted in containers only. */
  static UnsupportedException notHere(VolumeSpec spec) {
    return new UnsupportedException(
        "to read and write the files of volume " + spec.name().orElse("without a name"),
        "they are on a file system that is mounted in containers only",
        "do it in a container that has the volume");
  }

  /**
   * Uses it. A driver is asked to mount the volume for as long, as for a container that nobody
   * knows.
   *
   * @throws UnsupportedException if the files are mounted in containers only
   */
  <T> T use(HeldVolume volume, Function<Dir, T> use) {
    VolumeSpec spec = volume.record().spec();
    if (spec.driver().equals(VolumeSpec.LOCAL)) {
      try (Dir data = local(volume)) {
        return use.apply(data);
      }
    }
    ContainerId user = Names.id();
    try (LockFile lock = parts.store().begin(user)) {
      T result;
      try {
        result = mounted(volume, user, use);
      } catch (RuntimeException | Error e) {
        Closing.undo(e, () -> forget(user));
        throw e;
      }
      forget(user);
      return result;
    }
  }

  private void forget(ContainerId user) {
    Waits.undisturbed(
        () -> {
          drivers.release(user);
          parts.store().remove(user, Optional.empty(), () -> {});
        });
  }

  private Dir local(HeldVolume volume) {
    VolumeSpec spec = volume.record().spec();
    if (VolumeStore.isDirectory(spec)) {
      return volume.dir().openDir(VolumeStore.DATA);
    }
    LocalVolume local = LocalVolume.of(spec);
    if (!local.isBind()) {
      throw notHere(spec);
    }
    return open(volume.name(), Path.of(local.device()));
  }

  private static Dir open(String name, Path place) {
    try {
      return Dir.open(place);
    } catch (ErrnoException refusal) {
      String message = "cannot open " + place + ", where volume " + name + " has its files: ";
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
        throw new NotFoundException(message + "make that directory, or remove the volume", refusal);
      }
      throw new PinnaceException(message + refusal.getMessage(), refusal);
    }
  }

  /** The same with a volume of a driver, for a container whose lock is held, and does not run. */
  private <T> T mounted(HeldVolume volume, ContainerId user, Function<Dir, T> use) {
    Path place = drivers.mount(user, List.of(volume.record().spec())).values().iterator().next();
    try (Dir data = open(volume.name(), place)) {
      return use.apply(data);
    }
  }
}

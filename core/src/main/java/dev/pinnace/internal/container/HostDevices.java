package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.oci.RuntimeConfig.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Device nodes of the host. */
final class HostDevices {
  /** What the container has of its own. */
  private static final Set<String> OWN =
      Set.of(
          "null", "zero", "full", "random", "urandom", "tty", "console", "pts", "shm", "mqueue",
          "ptmx", "fd", "stdin", "stdout", "stderr");

  /** Directories below directories, as in {@code /dev/bus/usb/001}. */
  private static final int DEEPEST = 8;

  /** A plan has room for that many nodes. */
  private static final int MOST = 3_000;

  private HostDevices() {}

  /**
   * The node at {@code path}, to appear at {@code target}; of a directory all nodes in it, and
   * below it, to appear in the directory {@code target}.
   *
   * @throws InvalidSpecException if there is none
   * @throws UnsupportedException if there are too many
   */
  static List<Device> find(Path path, String target) {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      throw new InvalidSpecException(path + " is not a device");
    }
    try (Dir dir = Dir.open(parent)) {
      FileStat stat = dir.statFollowing(name.toString());
      return stat.type() == FileType.DIRECTORY
          ? inside(path, target)
          : List.of(device(stat, target, path));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
        throw new NotFoundException("there is no device " + path + " on this host", e);
      }
      throw e;
    }
  }

  private static List<Device> inside(Path directory, String target) {
    List<Device> devices = new ArrayList<>();
    try (Dir dir = Dir.open(directory)) {
      add(dir, new Place(directory, target, Set.of()), "", 0, devices);
    }
    if (devices.isEmpty()) {
      throw new InvalidSpecException("there are no devices in " + directory);
    }
    return devices;
  }

  /**
   * Where nodes are looked for.
   *
   * @param source a directory of the host
   * @param target the directory in the container
   * @param left names in it that are left out
   */
  private record Place(Path source, String target, Set<String> left) {}

  private static Device device(FileStat stat, String target, Path source) {
    String type =
        switch (stat.type()) {
          case CHARACTER_DEVICE -> "c";
          case BLOCK_DEVICE -> "b";
          default -> throw new InvalidSpecException(source + " is not a device");
        };
    return new Device(
        target,
        type,
        stat.deviceMajor(),
        stat.deviceMinor(),
        stat.permissions(),
        stat.uid(),
        stat.gid(),
        Optional.of(source.toString()));
  }

  /**
   * All nodes in /dev and the directories below it, but not in what is mounted there (terminals,
   * shared memory), nor by links.
   *
   * @throws UnsupportedException if there are too many
   */
  static List<Device> all() {
    return all(Path.of("/dev"));
  }

  /** The same of a directory that stands for /dev. */
  static List<Device> all(Path directory) {
    List<Device> devices = new ArrayList<>();
    try (Dir dev = Dir.open(directory)) {
      add(dev, new Place(Path.of("/dev"), "/dev", OWN), "", 0, devices);
    }
    return devices;
  }

  private static void add(Dir dir, Place place, String below, int depth, List<Device> devices) {
    FileStat top = dir.stat();
    for (DirEntry entry : dir.entries()) {
      if (depth == 0 && place.left().contains(entry.name())) {
        continue;
      }
      String name = below + entry.name();
      try {
        FileStat stat = dir.stat(entry.name());
        boolean inside = stat.fileSystem() == top.fileSystem();
        if (stat.type() == FileType.CHARACTER_DEVICE || stat.type() == FileType.BLOCK_DEVICE) {
          devices.add(device(stat, place.target() + "/" + name, place.source().resolve(name)));
        } else if (stat.type() == FileType.DIRECTORY && inside && depth < DEEPEST) {
          try (Dir child = dir.openDir(entry.name())) {
            add(child, place, name + "/", depth + 1, devices);
          }
        }
      } catch (ErrnoException refusal) {
        // It was unplugged, or it is in a directory that only root may look into.
        if (!refusal.is(Errno.ENOENT, Errno.EACCES, Errno.EPERM)) {
          throw refusal;
        }
      }
      refuseTooMany(devices.size());
    }
  }

  private static void refuseTooMany(int devices) {
    if (devices > MOST) {
      throw new UnsupportedException(
          "all devices of this host",
          "they are more than " + MOST,
          "give a container those that it needs, without privileges: --device of the command line,"
              + " device() of the specification");
    }
  }
}

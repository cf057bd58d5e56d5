package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
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

  private HostDevices() {}

  /** The node at {@code path}, to appear at {@code target}, which lies in /dev. */
  static Device find(Path path, String target) {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      throw new InvalidSpecException(path + " is not a device");
    }
    try (Dir dir = Dir.open(parent)) {
      FileStat stat = dir.statFollowing(name.toString());
      return device(stat, target, path);
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
        throw new NotFoundException("there is no device " + path + " on this host", e);
      }
      throw e;
    }
  }

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

  /** All nodes directly in /dev. */
  static List<Device> all() {
    List<Device> devices = new ArrayList<>();
    try (Dir dev = Dir.open(Path.of("/dev"))) {
      for (DirEntry entry : dev.entries()) {
        String name = entry.name();
        FileStat stat = dev.stat(name);
        if (!OWN.contains(name)
            && (stat.type() == FileType.CHARACTER_DEVICE || stat.type() == FileType.BLOCK_DEVICE)) {
          devices.add(device(stat, "/dev/" + name, Path.of("/dev", name)));
        }
      }
    }
    return devices;
  }
}

package dev.pinnace.internal.storage;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.MountApi;
import dev.pinnace.spi.storage.SnapshotTree;
import java.nio.file.Path;

/** A tree by a descriptor: a mount attached nowhere, or a plain directory. */
public final class OpenTree implements SnapshotTree {
  /** Nothing in an image may act on this host while its files are looked at. */
  public static final long INERT = MountApi.MOUNT_ATTR_NOSUID | MountApi.MOUNT_ATTR_NODEV;

  private final Fd fd;

  private OpenTree(Fd fd) {
    this.fd = fd;
  }

  /** Shows {@code mount}, which ends with the tree. */
  public static OpenTree of(DetachedMount mount) {
    try (mount) {
      return new OpenTree(mount.fd().duplicate());
    }
  }

  /** Shows a directory as it is. */
  public static OpenTree of(Path directory) {
    try (Dir dir = Dir.open(directory)) {
      return new OpenTree(dir.fd().duplicate());
    }
  }

  /**
   * Shows a directory that nobody may write through; without CAP_SYS_ADMIN, which the protection
   * needs, as it is.
   */
  public static OpenTree readOnly(Path directory) {
    try (Dir dir = Dir.open(directory)) {
      DetachedMount mount;
      try {
        mount = DetachedMount.bind(dir, false);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EPERM)) {
          throw refusal;
        }
        return new OpenTree(dir.fd().duplicate());
      }
      try (mount) {
        mount.setAttributes(INERT | MountApi.MOUNT_ATTR_RDONLY, 0, false);
        return new OpenTree(mount.fd().duplicate());
      }
    }
  }

  @Override
  public Path path() {
    return Path.of(fd.procPath());
  }

  @Override
  public void close() {
    fd.close();
  }
}

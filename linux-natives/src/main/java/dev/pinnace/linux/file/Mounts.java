package dev.pinnace.linux.file;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mounts of this process's mount namespace: listing, mount(2), umount2(2). Thread-safe. */
public final class Mounts {
  /** Far more than any host has; a table that is longer is cut by the kernel's own limit first. */
  private static final int LONGEST_TABLE = 1 << 28;

  private Mounts() {}

  /** All mounts, in the order of the table: a mount comes after the one that it covers. */
  public static List<MountInfo> list() {
    try (Dir proc = Dir.open(Path.of("/proc/self"));
        Fd table = proc.open("mountinfo", Fcntl.O_RDONLY, 0)) {
      List<MountInfo> mounts = new ArrayList<>();
      FileName.decode(table.readAll(LONGEST_TABLE))
          .lines()
          .forEach(line -> mounts.add(MountInfo.parse(line)));
      return List.copyOf(mounts);
    }
  }

  /**
   * mount(2).
   *
   * @param flags MS_* of {@link MountApi}
   * @param data the file system's own options, comma-separated
   */
  public static void mount(
      String source, Path target, @Nullable String type, long flags, @Nullable String data) {
    try (Scratch scratch = Scratch.borrow()) {
      Sys.MOUNT.on(
          source + ", " + target + ", " + type + ", " + data,
          scratch.path(Sys.MOUNT, source),
          scratch.path(Sys.MOUNT, target.toString()),
          type == null ? 0 : scratch.path(Sys.MOUNT, type),
          flags,
          data == null ? 0 : scratch.path(Sys.MOUNT, data));
    }
  }

  /**
   * umount2(2).
   *
   * @param flags MNT_* and UMOUNT_NOFOLLOW of {@link MountApi}
   */
  public static void unmount(Path target, int flags) {
    try (Scratch scratch = Scratch.borrow()) {
      Sys.UMOUNT2.on(target.toString(), scratch.path(Sys.UMOUNT2, target.toString()), flags);
    }
  }
}

package dev.pinnace.internal.storage;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import java.util.List;

/** Gives one file the owner, extended attributes, mode and times of another, in that order. */
public final class Attributes {
  private static final List<String> OVERLAYS_OWN = List.of("trusted.overlay.", "user.overlay.");

  private Attributes() {}

  /**
   * Copies everything but overlay's own attributes, which belong to one layer.
   *
   * @param stat of {@code from}
   */
  public static void copy(Dir fromDir, String from, FileStat stat, Dir toDir, String to) {
    toDir.chown(to, stat.uid(), stat.gid());
    for (String name : list(fromDir, from)) {
      byte[] value = fromDir.getXattr(from, name);
      if (value != null && OVERLAYS_OWN.stream().noneMatch(name::startsWith)) {
        toDir.setXattr(to, name, value);
      }
    }
    if (!stat.isSymlink()) {
      toDir.chmod(to, stat.permissions());
    }
    toDir.utimes(to, stat.accessed(), stat.modified());
  }

  private static List<String> list(Dir dir, String relative) {
    try {
      return dir.listXattrs(relative);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOTSUP)) {
        return List.of();
      }
      throw refusal;
    }
  }
}

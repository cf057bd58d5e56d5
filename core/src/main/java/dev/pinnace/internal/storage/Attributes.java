package dev.pinnace.internal.storage;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    extended(fromDir, from).forEach((name, value) -> toDir.setXattr(to, name, value));
    if (!stat.isSymlink()) {
      toDir.chmod(to, stat.permissions());
    }
    toDir.utimes(to, stat.accessed(), stat.modified());
  }

  /** The extended attributes of a file, but for overlay's own. */
  public static Map<String, byte[]> extended(Dir dir, String relative) {
    Map<String, byte[]> extended = new LinkedHashMap<>();
    for (String name : list(dir, relative)) {
      byte[] value = dir.getXattr(relative, name);
      if (value != null && OVERLAYS_OWN.stream().noneMatch(name::startsWith)) {
        extended.put(name, value);
      }
    }
    return extended;
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

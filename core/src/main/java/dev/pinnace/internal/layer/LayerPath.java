package dev.pinnace.internal.layer;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.file.FileName;

/**
 * An entry's path, normalised: relative, without {@code .} and doubled slashes.
 *
 * @param parent path of the directory that holds it, empty for the root
 * @param name its last component, empty for the root itself
 */
record LayerPath(String parent, String name) {
  static final String WHITEOUT = ".wh.";
  static final String OPAQUE = ".wh..wh..opq";
  private static final String AUFS = ".wh..wh.";

  /**
   * @throws InvalidSpecException if it climbs by {@code ..} or is deeper than {@code depth}
   */
  static LayerPath of(String raw, int depth) {
    int length = raw.length();
    StringBuilder path = new StringBuilder(length);
    int components = 0;
    int lastStart = 0;
    int at = 0;
    while (at < length) {
      int slash = raw.indexOf('/', at);
      int end = slash < 0 ? length : slash;
      int size = end - at;
      boolean self = size == 0 || (size == 1 && raw.charAt(at) == '.');
      if (size == 2 && raw.startsWith("..", at)) {
        throw new InvalidSpecException(
            "the archive is refused: entry " + FileName.display(raw) + " climbs by \"..\"");
      }
      if (!self) {
        if (++components > depth) {
          throw LayerLimits.exceeded(
              "the archive", "entry " + FileName.display(raw), "path components", depth);
        }
        if (path.length() > 0) {
          path.append('/');
        }
        lastStart = path.length();
        path.append(raw, at, end);
      }
      at = end + 1;
    }
    return lastStart == 0
        ? new LayerPath("", path.toString())
        : new LayerPath(path.substring(0, lastStart - 1), path.substring(lastStart));
  }

  boolean isRoot() {
    return name.isEmpty();
  }

  String path() {
    return parent.isEmpty() ? name : parent + "/" + name;
  }

  boolean isOpaqueMark() {
    return name.equals(OPAQUE);
  }

  boolean isWhiteout() {
    return name.startsWith(WHITEOUT);
  }

  /** Whether it is bookkeeping of aufs, in the place or below: {@code .wh..wh.plnk}. */
  boolean isAufsMetadata() {
    return !isOpaqueMark() && (name.startsWith(AUFS) || ("/" + parent).contains("/" + AUFS));
  }

  /** The path that a whiteout deletes. */
  LayerPath hidden() {
    String target = name.substring(WHITEOUT.length());
    if (target.isEmpty() || target.equals(".") || target.equals("..")) {
      throw new InvalidSpecException(
          "the archive is refused: entry " + FileName.display(path()) + " deletes no name");
    }
    return new LayerPath(parent, target);
  }
}

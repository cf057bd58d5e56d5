package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileStat;
import java.util.Map;

/**
 * A file that was found in a {@link MergedDir}.
 *
 * @param name its name there; empty for that directory itself
 * @param stat what it was then
 * @param part where it is
 * @param depth how many directories were above that one
 */
record Found(String name, FileStat stat, LayerView.Part part, int depth) {
  /** A root directory itself, which has no name. */
  static Found root(LayerView.Part part) {
    return new Found("", part.dir().stat(), part, 0);
  }

  Map<String, byte[]> xattrs() {
    return name.isEmpty() ? FileXattrs.of(part.dir()) : FileXattrs.of(part.dir(), name);
  }

  int user() {
    return part.ids().user(stat.uid());
  }

  int group() {
    return part.ids().group(stat.gid());
  }
}

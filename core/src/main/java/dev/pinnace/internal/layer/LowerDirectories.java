package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directories that the layers below show through the tree of a layer: what one of them deletes
 * hides what is below it, and so does what the layer itself makes opaque. Not thread-safe.
 */
final class LowerDirectories {
  private final Dir tree;
  private final List<Dir> lowers;
  private final String opaque;
  private String lastParent = "";
  private List<Dir> visibleInLast;

  /**
   * @param tree the layer's own
   * @param lowers topmost first
   */
  LowerDirectories(Dir tree, List<Dir> lowers, LayerOptions.Whiteouts style) {
    this.tree = tree;
    this.lowers = lowers;
    this.opaque = LayerWhiteouts.attribute(style);
    this.visibleInLast = lowers;
  }

  /** A directory of the layer {@code lower}. */
  record Model(Dir lower, FileStat stat) {}

  /** What is to be seen at {@code path}, if that is a directory. */
  Optional<Model> find(String path) {
    if (lowers.isEmpty()) {
      return Optional.empty();
    }
    if (path.isEmpty()) {
      return Optional.of(new Model(lowers.get(0), lowers.get(0).stat()));
    }
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    if (!parent.equals(lastParent)) {
      visibleInLast = visibleBelow(parent);
      lastParent = parent;
    }
    for (Dir lower : visibleInLast) {
      Optional<FileStat> found = lower.find(path);
      if (found.isPresent()) {
        return found.filter(FileStat::isDirectory).map(stat -> new Model(lower, stat));
      }
    }
    return Optional.empty();
  }

  /** The layers whose directory {@code path} is part of what is seen there, topmost first. */
  private List<Dir> visibleBelow(String path) {
    List<Dir> visible = lowers;
    for (int end = 0; end >= 0 && !visible.isEmpty() && !path.isEmpty(); ) {
      int slash = path.indexOf('/', end + 1);
      String prefix = slash < 0 ? path : path.substring(0, slash);
      end = slash;
      visible = isOpaque(tree, prefix) ? List.of() : merged(visible, prefix);
    }
    return visible;
  }

  private List<Dir> merged(List<Dir> candidates, String prefix) {
    List<Dir> merged = new ArrayList<>();
    for (Dir lower : candidates) {
      Optional<FileStat> found = lower.find(prefix);
      if (found.isEmpty()) {
        continue;
      }
      if (!found.get().isDirectory()) {
        break;
      }
      merged.add(lower);
      if (isOpaque(lower, prefix)) {
        break;
      }
    }
    return merged;
  }

  private boolean isOpaque(Dir layer, String path) {
    return layer.find(path).filter(FileStat::isDirectory).isPresent()
        && layer.getXattr(path, opaque) != null;
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.linux.file.Inode;
import java.util.Optional;

/** Deletions of a layer: they concern what is below, never what the layer itself brings. */
final class LayerWhiteouts {
  private static final byte[] YES = {'y'};

  private final LayerTree tree;
  private final LayerOptions options;

  LayerWhiteouts(LayerTree tree, LayerOptions options) {
    this.tree = tree;
    this.options = options;
  }

  /** {@code .wh.NAME}. */
  void hide(LayerPath path) {
    if (options.whiteouts() == LayerOptions.Whiteouts.REMOVE) {
      removeLower(tree.target(), path.parent(), path.name());
      return;
    }
    if (isHidden(path.parent())) {
      // Some tools write /.wh.foo and then /foo/.wh.bar: foo is gone with all that it held.
      return;
    }
    Dir parent = tree.parent(path);
    try {
      parent.mknod(path.name(), FileType.CHARACTER_DEVICE.bits(), 0, 0);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
      if (parent.stat(path.name()).isDirectory()) {
        try (Dir own = parent.openDir(path.name())) {
          markOpaque(own);
        }
        tree.standAlone(path.path());
      }
    }
  }

  private boolean isHidden(String directory) {
    if (directory.isEmpty()) {
      return false;
    }
    Optional<FileStat> found = tree.target().find(directory);
    if (found.isPresent()) {
      return found.get().isWhiteout();
    }
    int slash = directory.lastIndexOf('/');
    return slash > 0 && isHidden(directory.substring(0, slash));
  }

  /** {@code .wh..wh..opq} in {@code directory}, wherever it stands in the archive. */
  void opaque(String directory) {
    if (options.whiteouts() == LayerOptions.Whiteouts.REMOVE) {
      removeLowerContents(directory);
    } else if (!isHidden(directory)) {
      markOpaque(tree.parent(new LayerPath(directory, LayerPath.OPAQUE)));
    }
  }

  /** Hides what the layers below have in {@code directory}. */
  void markOpaque(Dir directory) {
    if (options.marks()) {
      try (Fd readable = directory.open(".", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, 0)) {
        Inode.setXattr(readable, attribute(options), YES);
      }
    }
  }

  static void markOpaque(Dir target, String path, LayerOptions options) {
    if (options.marks()) {
      target.setXattr(path, attribute(options), YES);
    }
  }

  private static String attribute(LayerOptions options) {
    return attribute(options.whiteouts());
  }

  /** The extended attribute that makes a directory opaque. */
  static String attribute(LayerOptions.Whiteouts style) {
    return style == LayerOptions.Whiteouts.OVERLAY_USER
        ? "user.overlay.opaque"
        : "trusted.overlay.opaque";
  }

  private void removeLowerContents(String directory) {
    Optional<FileStat> found =
        directory.isEmpty() ? Optional.of(tree.target().stat()) : tree.target().find(directory);
    if (found.isEmpty() || !found.get().isDirectory()) {
      return;
    }
    try (Dir dir = tree.target().openDir(directory)) {
      for (DirEntry entry : dir.entries()) {
        removeLower(dir, directory, entry.name());
      }
    }
  }

  /** Removes {@code name} of {@code directory} but for what this layer brought of it. */
  private void removeLower(Dir base, String directory, String name) {
    String path = directory.isEmpty() ? name : directory + "/" + name;
    if (!tree.isBrought(path)) {
      if (base == tree.target()) {
        base.removeTree(path);
      } else {
        base.removeTree(name);
      }
      tree.forget(path);
      return;
    }
    removeLowerContents(path);
  }
}

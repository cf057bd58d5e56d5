package dev.pinnace.internal.layer;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.Inode;
import java.util.ArrayList;
import java.util.List;

/** Owner, extended attributes and permissions, in this order; collects what could not be kept. */
final class LayerAttributes {
  private final LayerOptions options;
  private final List<String> warnings = new ArrayList<>();

  LayerAttributes(LayerOptions options) {
    this.options = options;
  }

  private interface Setter {
    void set(String name, byte[] value);
  }

  /** To a file open for writing, its times included. */
  void applyTo(TarEntry entry, Fd file) {
    if (keepsOwner()) {
      Inode.chown(file, entry.uid(), entry.gid());
    }
    xattrs(entry, (name, value) -> Inode.setXattr(file, name, value));
    Inode.chmod(file, entry.permissions());
    Inode.utimes(file, entry.modified(), entry.modified());
  }

  /** To anything but a regular file, its times not included. */
  void applyTo(TarEntry entry, Dir parent, String name) {
    if (keepsOwner()) {
      parent.chown(name, entry.uid(), entry.gid());
    }
    xattrs(entry, (key, value) -> parent.setXattr(name, key, value));
    if (entry.type() == TarType.DIRECTORY) {
      // The owner may have to enter it before the layer is complete.
      parent.chmod(name, entry.permissions() | 0700);
    } else if (entry.type() != TarType.SYMLINK) {
      parent.chmod(name, entry.permissions());
    }
  }

  /** The same to an O_PATH descriptor, in a tree where a name may be another file's meanwhile. */
  void applyToNode(TarEntry entry, Fd node) {
    if (keepsOwner()) {
      Inode.chown(node, entry.uid(), entry.gid());
    }
    xattrs(entry, (key, value) -> Inode.setXattr(node, key, value));
    if (entry.type() == TarType.DIRECTORY) {
      Inode.chmod(node, entry.permissions() | 0700);
    } else if (entry.type() != TarType.SYMLINK) {
      Inode.chmod(node, entry.permissions());
    }
  }

  boolean keepsOwner() {
    return options.ownership() == LayerOptions.Ownership.KEEP;
  }

  private void xattrs(TarEntry entry, Setter setter) {
    entry
        .xattrs()
        .forEach(
            (name, value) -> {
              if (isOverlays(name)) {
                warn(
                    FileName.display(entry.name())
                        + " carries "
                        + name
                        + ", which is overlayfs's own: left out");
                return;
              }
              try {
                setter.set(name, value);
              } catch (ErrnoException refusal) {
                tolerate(entry, name, refusal);
              }
            });
  }

  /** Attributes by which an archive could redirect an overlay to files of other layers. */
  static boolean isOverlays(String name) {
    return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
  }

  private void tolerate(TarEntry entry, String name, ErrnoException refusal) {
    boolean plainFile = entry.type() == TarType.REGULAR || entry.type() == TarType.DIRECTORY;
    if (refusal.is(Errno.EPERM) && name.startsWith("user.") && !plainFile) {
      // xattr(7): user attributes exist on files and directories only.
      return;
    }
    boolean privileged = refusal.is(Errno.EPERM) && !keepsOwner();
    if (!privileged && !refusal.is(Errno.ENOTSUP)) {
      throw refusal;
    }
    warn(FileName.display(entry.name()) + " lost its " + name + ": " + refusal.getMessage());
  }

  void warn(String sentence) {
    if (warnings.size() < LayerResult.MOST_WARNINGS) {
      warnings.add(sentence);
    }
  }

  List<String> warnings() {
    return warnings;
  }
}

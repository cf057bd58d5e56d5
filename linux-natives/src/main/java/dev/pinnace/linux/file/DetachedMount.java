package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;
import static dev.pinnace.linux.file.MountApi.*;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;

/**
 * A mount that is in no mount table (fsmount(2), open_tree(2) with OPEN_TREE_CLONE): the host does
 * not see it, and it ends when the last descriptor into it closes, unless it was {@link #attach
 * attached}, which works once. Thread-safe.
 */
public final class DetachedMount implements AutoCloseable {
  private final Fd fd;
  private final String what;

  DetachedMount(Fd fd, String what) {
    this.fd = fd;
    this.what = what;
  }

  /** A detached copy of the mount at {@code source} (a bind mount without a target). */
  public static DetachedMount bind(Dir source, boolean recursive) {
    return cloneTree(source.fd(), source.toString(), recursive);
  }

  /** As {@link #bind(Dir, boolean)}, of a file or directory by its descriptor. */
  public static DetachedMount bind(Fd source, boolean recursive) {
    return cloneTree(source, source.toString(), recursive);
  }

  private static DetachedMount cloneTree(Fd source, String what, boolean recursive) {
    try (Scratch scratch = Scratch.borrow()) {
      int flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
      long number = Sys.OPEN_TREE.on(what, source.number(), scratch.path(Sys.OPEN_TREE, ""), flags);
      return new DetachedMount(new Fd((int) number, what), what);
    }
  }

  /** The descriptor of its root; this stays its owner. */
  public Fd fd() {
    return fd;
  }

  /** Its root, with an owner of its own: it keeps the mount after this is closed. */
  public Dir root() {
    return Dir.of(fd.duplicate(), what);
  }

  /** Sets and clears attributes, MOUNT_ATTR_* of {@link MountApi} (mount_setattr, 5.12). */
  public void setAttributes(long set, long clear, boolean recursive) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(MOUNT_ATTR_SIZE);
      scratch
          .memory()
          .putLong(at, set)
          .putLong(at + 8, clear)
          .putLong(at + 16, 0)
          .putLong(at + 24, 0);
      Sys.MOUNT_SETATTR.on(
          what + ", set 0x" + Long.toHexString(set) + ", clear 0x" + Long.toHexString(clear),
          fd.number(),
          scratch.path(Sys.MOUNT_SETATTR, ""),
          AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
          scratch.address(at),
          MOUNT_ATTR_SIZE);
    }
  }

  /** Attaches it on the directory {@code target}. A second time gives EINVAL. */
  public void attach(Dir target) {
    try (Scratch scratch = Scratch.borrow()) {
      long empty = scratch.path(Sys.MOVE_MOUNT, "");
      Sys.MOVE_MOUNT.on(
          what + ", " + target,
          fd.number(),
          empty,
          target.fd().number(),
          empty,
          MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }
  }

  /** Attaches it on a directory of the host. */
  public void attach(Path target) {
    try (Dir dir = Dir.open(target)) {
      attach(dir);
    }
  }

  /** Closes the descriptor: what was not attached is unmounted. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return what;
  }
}

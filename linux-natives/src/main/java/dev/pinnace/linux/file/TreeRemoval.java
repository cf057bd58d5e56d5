package dev.pinnace.linux.file;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;

/**
 * Removes a tree with a bounded number of open descriptors: a directory deeper than {@value #DEPTH}
 * levels is first moved to the top of the tree and removed from there.
 */
final class TreeRemoval {
  private static final int DEPTH = 64;

  private final Dir top;
  private long moved;

  private TreeRemoval(Dir top) {
    this.top = top;
  }

  /** Removes {@code name} of {@code parent}. */
  static void remove(Dir parent, String name) {
    if (unlinked(parent, name)) {
      return;
    }
    try (Dir top = enter(parent, name)) {
      TreeRemoval removal = new TreeRemoval(top);
      boolean again = true;
      while (again) {
        long before = removal.moved;
        removal.empty(top, 0);
        again = removal.moved != before;
      }
    }
    removeEmpty(parent, name);
  }

  private void empty(Dir dir, int depth) {
    for (DirEntry entry : dir.entries()) {
      String name = entry.name();
      if (entry.type() != FileType.DIRECTORY && unlinked(dir, name)) {
        continue;
      }
      if (depth >= DEPTH) {
        moveUp(dir, name);
        continue;
      }
      try (Dir child = enter(dir, name)) {
        empty(child, depth + 1);
      }
      removeEmpty(dir, name);
    }
  }

  private void moveUp(Dir dir, String name) {
    String free;
    do {
      moved++;
      free = ".removing-" + moved;
    } while (top.exists(free));
    dir.rename(name, top, free, Dir.Replace.NO_REPLACE);
  }

  /** Whether {@code name} is gone now; false if it is a directory. */
  private static boolean unlinked(Dir dir, String name) {
    try {
      dir.unlink(name);
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return true;
      }
      if (refusal.is(Errno.EISDIR)) {
        return false;
      }
      throw refusal;
    }
  }

  private static void removeEmpty(Dir dir, String name) {
    try {
      dir.rmdir(name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  /** Opens a directory that shall be emptied, and gives its owner all rights on it if need be. */
  private static Dir enter(Dir parent, String name) {
    Dir dir = parent.openDirSameMount(name);
    try {
      int permissions = dir.stat().permissions();
      if ((permissions & 0700) != 0700) {
        Inode.chmod(dir.fd(), permissions | 0700);
      }
      return dir;
    } catch (ErrnoException refusal) {
      dir.close();
      throw refusal;
    }
  }
}

package dev.pinnace.internal.storage.vfs;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.layer.OwnFile;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileCopy;
import dev.pinnace.linux.file.FileStat;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A copy of a tree with hard links, owners, modes, times, extended attributes, devices and holes.
 * The source is not followed out of: symbolic links are copied. Used once.
 */
final class TreeCopy {
  private static final int ENTER = 0500;

  private final Dir toRoot;
  private final Map<Long, String> linked = new HashMap<>();

  private TreeCopy(Dir toRoot) {
    this.toRoot = toRoot;
  }

  /**
   * Copies {@code from} of {@code fromParent} to {@code to} of {@code toParent}, which is made.
   *
   * @throws CancelledException when the thread is interrupted; what was copied stays
   */
  static void copy(Dir fromParent, String from, Dir toParent, String to) {
    toParent.mkdir(to, 0700);
    try (Dir source = fromParent.openDir(from);
        Dir target = toParent.openDir(to)) {
      new TreeCopy(target).contents(source, target, "");
    }
    Attributes.copy(fromParent, from, fromParent.stat(from), toParent, to);
  }

  private void contents(Dir from, Dir to, String prefix) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException("interrupted while copying " + from + " to " + to);
    }
    for (DirEntry entry : from.entries()) {
      entry(from, to, entry.name(), prefix + entry.name());
    }
  }

  private void entry(Dir from, Dir to, String name, String relative) {
    FileStat stat = from.stat(name);
    if (stat.isDirectory()) {
      to.mkdir(name, 0700);
      try (Dir source = from.openDir(name);
          Dir target = to.openDir(name)) {
        Optional<Runnable> lock = OwnFile.unlock(source.fd(), stat, ENTER);
        try {
          contents(source, target, relative + "/");
        } finally {
          lock.ifPresent(Runnable::run);
        }
      }
    } else {
      if (stat.links() > 1) {
        String first = linked.putIfAbsent(stat.inode(), relative);
        if (first != null) {
          toRoot.link(first, relative);
          return;
        }
      }
      file(from, to, name, stat);
    }
    Attributes.copy(from, name, stat, to, name);
  }

  private static void file(Dir from, Dir to, String name, FileStat stat) {
    switch (stat.type()) {
      case REGULAR -> {
        int create = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL;
        try (Fd path = from.open(name, Fcntl.O_PATH, 0);
            Fd source = OwnFile.read(path);
            Fd target = to.open(name, create, 0600)) {
          if (stat.size() > 0) {
            FileCopy.copy(source, target);
          }
        }
      }
      case SYMLINK -> to.symlink(from.readLink(name), name);
      default -> to.mknod(name, stat.type().bits() | 0600, stat.deviceMajor(), stat.deviceMinor());
    }
  }
}

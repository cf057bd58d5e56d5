package dev.pinnace.internal.storage;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.spi.storage.Usage;
import java.util.HashSet;
import java.util.Set;

/** Whole trees: how much they hold, and their removal. */
public final class Trees {
  private static final int ROUNDS = 16;
  private static final int BLOCK = 512;

  private Trees() {}

  /** What a tree takes, its root included. */
  public static Usage usage(Dir tree) {
    return Usages.of(tree);
  }

  /**
   * Removes {@code name} and everything below it, also while another process does the same. What is
   * not there is fine.
   */
  public static void remove(Dir parent, String name) {
    for (int round = 1; ; round++) {
      try {
        parent.removeTree(name);
        if (!parent.exists(name)) {
          return;
        }
      } catch (ErrnoException refusal) {
        if (round == ROUNDS || !refusal.is(Errno.ENOENT, Errno.ENOTEMPTY)) {
          throw refusal;
        }
      }
      if (round == ROUNDS) {
        throw new ErrnoException("unlinkat", Errno.ENOTEMPTY, parent + "/" + name);
      }
    }
  }

  private static final class Usages {
    private final Set<Long> linked = new HashSet<>();
    private long bytes;
    private long entries;

    static Usage of(Dir tree) {
      Usages usages = new Usages();
      usages.count(tree.stat());
      usages.walkUnlessRemoved(tree);
      return new Usage(usages.bytes, usages.entries);
    }

    private void walk(Dir dir) {
      for (DirEntry entry : dir.entries()) {
        FileStat stat = dir.find(entry.name()).orElse(null);
        if (stat == null) {
          continue;
        }
        count(stat);
        if (stat.isDirectory()) {
          enter(dir, entry.name());
        }
      }
    }

    private void enter(Dir dir, String name) {
      try (Dir child = dir.openDir(name)) {
        walkUnlessRemoved(child);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR)) { // replaced by whoever uses the tree
          throw refusal;
        }
      }
    }

    private void walkUnlessRemoved(Dir dir) {
      try {
        walk(dir);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.ENOENT)) {
          throw refusal;
        }
      }
    }

    private void count(FileStat stat) {
      if (!stat.isDirectory() && stat.links() > 1 && !linked.add(stat.inode())) {
        return;
      }
      bytes += stat.blocks() * BLOCK;
      entries++;
    }
  }
}

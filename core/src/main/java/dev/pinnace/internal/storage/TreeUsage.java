package dev.pinnace.internal.storage;

import static dev.pinnace.linux.file.Fcntl.O_DIRECTORY;
import static dev.pinnace.linux.file.Fcntl.O_PATH;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.spi.storage.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tree takes, however deep it is: of directories beyond {@value #OPEN} levels only the
 * lowest is open, and the way back from it is {@code ..}. What is moved meanwhile may be missed
 * there, or counted twice anywhere; what is removed is not counted.
 */
final class TreeUsage {
  private static final int OPEN = 64;
  private static final int BLOCK = 512;

  private final List<Level> levels = new ArrayList<>();
  private final Set<Long> linked = new HashSet<>();
  private long bytes;
  private long entries;

  /** A directory on the way down, and those in it that are not counted yet. */
  private static final class Level {
    private final long inode;
    private final Iterator<String> directories;
    private @Nullable Dir dir;

    private Level(Dir dir, List<String> directories) {
      this.inode = dir.stat().inode();
      this.directories = directories.iterator();
      this.dir = dir;
    }

    private void close() {
      if (dir != null) {
        dir.close();
        dir = null;
      }
    }
  }

  private TreeUsage() {}

  static Usage of(Dir tree) {
    TreeUsage usage = new TreeUsage();
    usage.count(tree.stat());
    try {
      usage.enter(tree.duplicate());
      while (!usage.levels.isEmpty()) {
        usage.step();
      }
    } finally {
      usage.levels.forEach(Level::close);
    }
    return new Usage(usage.bytes, usage.entries);
  }

  private void step() {
    Level level = levels.get(levels.size() - 1);
    Dir dir = level.dir;
    if (dir == null) {
      levels.remove(levels.size() - 1); // it is not where it was: moved or removed meanwhile
    } else if (level.directories.hasNext()) {
      enter(dir, level.directories.next());
    } else {
      leave(dir);
    }
  }

  private void enter(Dir dir, String name) {
    try {
      enter(
          levels.size() < OPEN
              ? dir.openDir(name)
              : Dir.of(dir.open(name, O_PATH | O_DIRECTORY, 0), dir.toString()));
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR)) { // replaced by whoever uses the tree
        throw refusal;
      }
    }
  }

  /** Counts what is in a directory, and keeps it open while there are directories in it. */
  private void enter(Dir dir) {
    boolean kept = false;
    try {
      List<String> directories = countIn(dir);
      if (!directories.isEmpty()) {
        levels.add(new Level(dir, directories));
        kept = true;
      }
    } finally {
      if (!kept) {
        dir.close();
      }
    }
    if (kept && levels.size() - 2 >= OPEN) {
      levels.get(levels.size() - 2).close();
    }
  }

  private List<String> countIn(Dir dir) {
    List<String> directories = new ArrayList<>();
    try {
      for (DirEntry entry : dir.entries()) {
        FileStat stat = dir.find(entry.name()).orElse(null);
        if (stat != null) {
          count(stat);
          if (stat.isDirectory()) {
            directories.add(entry.name());
          }
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
    return directories;
  }

  private void leave(Dir dir) {
    Level done = levels.remove(levels.size() - 1);
    if (!levels.isEmpty()) {
      Level above = levels.get(levels.size() - 1);
      if (above.dir == null) {
        above.dir = parent(dir, above.inode);
      }
    }
    done.close();
  }

  /** The directory above, if that is still the one that was entered from. */
  private static @Nullable Dir parent(Dir dir, long inode) {
    Dir parent = Dir.open(dir.path().resolve(".."));
    if (parent.stat().inode() == inode) {
      return parent;
    }
    parent.close();
    return null;
  }

  private void count(FileStat stat) {
    if (!stat.isDirectory() && stat.links() > 1 && !linked.add(stat.inode())) {
      return;
    }
    bytes += stat.blocks() * BLOCK;
    entries++;
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.linux.file.Inode;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a layer is applied to: parents of entries, made where they are missing and
 * kept open while entries follow each other in one directory; what is due for directories at the
 * end; which paths this layer brought.
 */
final class LayerTree implements AutoCloseable {
  private static final int MOST_LINKS = 40;

  /** What a path takes beside its bytes: the string, what is due, and their place in a map. */
  private static final int PATH_OVERHEAD = 128;

  private final Dir target;
  private final LayerOptions options;
  private final LayerAttributes attributes;
  private final Optional<TarEntry> implied;
  private final NavigableMap<String, Due> due = new TreeMap<>();
  private final Set<String> brought = new HashSet<>();
  private long kept;
  private String cachedPath = "";
  private @Nullable Dir cached;

  /** The one before: the parent of a directory that was just entered is still in use. */
  private @Nullable Dir previous;

  /** What a directory gets; one that the archive did not list gets it from the layers below. */
  private record Due(boolean implied, int permissions, Instant modified) {
    static final Due IMPLIED = new Due(true, 0755, Instant.EPOCH);
  }

  LayerTree(
      Dir target, LayerOptions options, LayerAttributes attributes, Optional<TarEntry> implied) {
    this.target = target;
    this.options = options;
    this.attributes = attributes;
    this.implied = implied;
  }

  Dir target() {
    return target;
  }

  /** The directory that holds {@code path}; this stays its owner, until the next call. */
  Dir parent(LayerPath path) {
    if (path.parent().isEmpty()) {
      return target;
    }
    Dir open = cached;
    if (open != null && path.parent().equals(cachedPath)) {
      return open;
    }
    try {
      return remember(path.parent(), target.openDirFollowing(path.parent()));
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
        throw refusal;
      }
      makeParents(path.parent(), 0);
      return remember(path.parent(), target.openDirFollowing(path.parent()));
    }
  }

  /** Opens the directory {@code path}, which its own entries are likely to follow. */
  Dir enter(Dir parent, LayerPath path) {
    return remember(path.path(), parent.openDir(path.name()));
  }

  private Dir remember(String path, Dir dir) {
    if (cached != null) {
      previous = swap(previous, cached);
    }
    cached = dir;
    cachedPath = path;
    return dir;
  }

  private static @Nullable Dir swap(@Nullable Dir old, @Nullable Dir next) {
    if (old != null) {
      old.close();
    }
    return next;
  }

  private void makeParents(String path, int links) {
    int end = 0;
    while (end >= 0) {
      int slash = path.indexOf('/', end + 1);
      String prefix = slash < 0 ? path : path.substring(0, slash);
      end = slash;
      Optional<FileStat> existing = target.find(prefix);
      if (existing.isEmpty() || existing.get().isWhiteout()) {
        makeParent(prefix, existing.isPresent());
      } else if (existing.get().isSymlink()) {
        followLink(prefix, links);
      } else if (!existing.get().isDirectory()) {
        throw new ErrnoException("mkdirat", Errno.ENOTDIR, prefix);
      }
    }
  }

  /** A link to what only the layers below hold: its target is made here. */
  private void followLink(String prefix, int links) {
    try (Dir found = target.openDirFollowing(prefix)) {
      found.fd().number();
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
      if (links >= MOST_LINKS) {
        throw new ErrnoException("openat2", Errno.ELOOP, prefix);
      }
      makeParents(LinkTarget.resolve(prefix, target.readLink(prefix)), links + 1);
    }
  }

  private void makeParent(String path, boolean overWhiteout) {
    if (path.isEmpty()) {
      return;
    }
    if (overWhiteout) {
      target.unlink(path);
    }
    target.mkdir(path, 0700);
    try (Dir made = target.openDir(path)) {
      if (attributes.keepsOwner()) {
        implied.ifPresent(owner -> Inode.chown(made.fd(), owner.uid(), owner.gid()));
      }
      Inode.chmod(made.fd(), 0755);
    }
    if (overWhiteout) {
      LayerWhiteouts.markOpaque(target, path, options);
    } else {
      due(path, Due.IMPLIED);
    }
  }

  /** Owner, attributes and permissions of the root directory itself. */
  void applyRoot(TarEntry entry) {
    if (attributes.keepsOwner()) {
      target.chown(".", entry.uid(), entry.gid());
    }
    entry
        .xattrs()
        .forEach(
            (name, value) -> {
              if (!LayerAttributes.isOverlays(name)) {
                setRootXattr(name, value);
              }
            });
    later("", entry.permissions(), entry.modified());
  }

  private void setRootXattr(String name, byte[] value) {
    try (Fd readable = target.open(".", Fcntl.O_DIRECTORY, 0)) {
      Inode.setXattr(readable, name, value);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP, Errno.EPERM)) {
        throw refusal;
      }
      attributes.warn("the root directory lost its " + name + ": " + refusal.getMessage());
    }
  }

  /** Sets permissions and time of a directory when everything in it is there. */
  void later(String path, int permissions, Instant modified) {
    due(path, new Due(false, permissions, modified));
  }

  private void due(String path, Due what) {
    if (due.put(path, what) == null) {
      keep(path);
    }
  }

  /**
   * A directory that was made for what is in it, and that hides what is below, stands for itself.
   */
  void standAlone(String path) {
    due.remove(path, Due.IMPLIED);
  }

  /** Counts what is remembered, and never less: an archive may name more than the heap holds. */
  private void keep(String path) {
    kept += path.length() + PATH_OVERHEAD;
    if (kept > options.limits().paths()) {
      throw LayerLimits.exceeded(
          "the archive",
          "the archive, up to entry " + FileName.display(path),
          "bytes of paths to remember",
          options.limits().paths());
    }
  }

  /** Removes what is at {@code path}, to be replaced by something of that type. */
  void remove(Dir parent, LayerPath path, TarType by) {
    ensureReplaceable(parent, path, by);
    parent.removeTree(path.name());
    forget(path.path());
  }

  /**
   * Refuses what a layer would replace, and a copy does not.
   *
   * @throws ConflictException for a directory, what is mounted there, and devices, FIFOs and
   *     sockets, unless by their like
   */
  void ensureReplaceable(Dir parent, LayerPath path, TarType by) {
    if (options.hasWhiteouts()) {
      return;
    }
    if (isMountPoint(parent, path)) {
      throw new ConflictException(
          FileName.display("/" + path.path()) + " cannot be replaced: it is mounted there");
    }
    FileType there = parent.stat(path.name()).type();
    boolean special =
        there != FileType.REGULAR && there != FileType.SYMLINK && there != FileType.DIRECTORY;
    if (special && (by == TarType.HARDLINK || there != by.fileType())) {
      throw new ConflictException(
          FileName.display("/" + path.path())
              + " is a device, FIFO or socket, which a copy does not replace: remove it first");
    }
    if (there == FileType.DIRECTORY) {
      throw new ConflictException(
          FileName.display("/" + path.path())
              + " is a directory, and what would replace it is not");
    }
  }

  /**
   * Whether something is mounted at {@code path}, in whatever mount namespace: the kernel lets
   * others than those in it remove what that hides, and undoes the mount (rename(2), EBUSY).
   */
  boolean isMountPoint(Dir parent, LayerPath path) {
    return parent
        .find(path.name())
        .filter(found -> found.mountId() != parent.stat().mountId())
        .isPresent();
  }

  /** Drops what was known of {@code path} and below. */
  void forget(String path) {
    due.remove(path);
    // '0' follows '/' in ASCII.
    due.subMap(path + "/", path + "0").clear();
    // What is cached may have been reached through what is gone; the caller still uses it.
    cachedPath = "";
    if (cached != null) {
      previous = swap(previous, cached);
      cached = null;
    }
  }

  /** Remembers that this layer brought {@code path}, where whiteouts must know. */
  void brought(String path) {
    if (options.whiteouts() == LayerOptions.Whiteouts.REMOVE) {
      String prefix = path;
      while (brought.add(prefix)) {
        keep(prefix);
        if (prefix.indexOf('/') < 0) {
          break;
        }
        prefix = prefix.substring(0, prefix.lastIndexOf('/'));
      }
    }
  }

  boolean isBrought(String path) {
    return brought.contains(path);
  }

  /**
   * Sets what is due for directories, the deepest first: permissions may close the way.
   *
   * @param lowers the layers below, topmost first
   */
  void finish(List<Dir> lowers) {
    LowerDirectories below = new LowerDirectories(target, lowers, options.whiteouts());
    if (!lowers.isEmpty() && due.putIfAbsent("", Due.IMPLIED) != null) {
      copyXattrs(lowers.get(0), "");
    }
    for (Map.Entry<String, Due> entry : due.descendingMap().entrySet()) {
      String path = entry.getKey().isEmpty() ? "." : entry.getKey();
      try (Dir dir = target.openDir(path)) {
        Due last = entry.getValue();
        if (last.implied()) {
          below.find(entry.getKey()).ifPresent(model -> imitate(dir, entry.getKey(), model));
        } else {
          Inode.chmod(dir.fd(), last.permissions());
          Inode.utimes(dir.fd(), last.modified(), last.modified());
        }
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
          throw new PinnaceException(
              "cannot complete directory "
                  + FileName.display(path)
                  + " of the archive: "
                  + refusal.getMessage(),
              refusal);
        }
      }
    }
  }

  private void imitate(Dir dir, String path, LowerDirectories.Model model) {
    FileStat stat = model.stat();
    if (attributes.keepsOwner()) {
      Inode.chown(dir.fd(), stat.uid(), stat.gid());
    }
    copyXattrs(model.lower(), path);
    Inode.chmod(dir.fd(), stat.permissions());
    Inode.utimes(dir.fd(), stat.modified(), stat.modified());
  }

  /** Those that the directory does not have itself. */
  private void copyXattrs(Dir lower, String path) {
    try (Dir from = lower.openDir(path);
        Dir to = target.openDir(path);
        Fd readable = from.open(".", Fcntl.O_DIRECTORY, 0)) {
      List<String> names = Inode.listXattrs(readable);
      if (names.isEmpty()) {
        return;
      }
      try (Fd own = to.open(".", Fcntl.O_DIRECTORY, 0)) {
        for (String name : names) {
          byte[] value = Inode.getXattr(readable, name);
          if (value != null && !LayerAttributes.isOverlays(name)) {
            copyXattr(own, path, name, value);
          }
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP, Errno.EACCES)) {
        throw refusal;
      }
      attributes.warn(FileName.display(path) + " lost its attributes: " + refusal.getMessage());
    }
  }

  private void copyXattr(Fd own, String path, String name, byte[] value) {
    try {
      if (Inode.getXattr(own, name) == null) {
        Inode.setXattr(own, name, value);
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP, Errno.EPERM)) {
        throw refusal;
      }
      attributes.warn(FileName.display(path) + " lost its " + name + ": " + refusal.getMessage());
    }
  }

  @Override
  public void close() {
    previous = swap(previous, null);
    cached = swap(cached, null);
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileCopy;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Copies a directory of a container's files to another place on the disk, with owners, modes, times
 * to the nanosecond, extended attributes, hard links, devices and holes; blocks are shared where
 * the file system can. Symbolic links are followed on the way to the directory, inside the
 * container's root, and copied in it. Used once, by one thread.
 */
public final class DirectoryCopy {
  private final IdMap ids;
  private final boolean settable;
  private final Dir toRoot;
  private final Consumer<String> beginning;
  private final Map<Inodes, String> linked = new HashMap<>();

  private record Inodes(long fileSystem, long inode) {}

  /** What there was to copy. */
  public enum Source {
    /** A directory with something in it. */
    FILES,
    /** An empty directory. */
    EMPTY,
    /** Nothing. */
    NOTHING,
    /** Something that is no directory. */
    NO_DIRECTORY
  }

  private DirectoryCopy(IdMap ids, boolean settable, Dir toRoot, Consumer<String> beginning) {
    this.ids = ids;
    this.settable = settable;
    this.toRoot = toRoot;
    this.beginning = beginning;
  }

  /** What {@code path} leads to, without copying it. */
  public static Source look(LayerView view, String path) {
    try (MergedPath way = new MergedPath(view.all())) {
      return source(way, path);
    }
  }

  private static Source source(MergedPath way, String path) {
    return switch (way.go(path)) {
      case NOTHING -> Source.NOTHING;
      case ANOTHER -> Source.NO_DIRECTORY;
      case DIRECTORY -> way.dir().children().isEmpty() ? Source.EMPTY : Source.FILES;
    };
  }

  /**
   * Copies what is in the directory {@code path} into {@code content}, and gives {@code like} of
   * {@code parent}, a directory, the attributes of that directory itself.
   *
   * @param ids whose the copies become on the disk
   * @param settable whether this process may give files away; without that they all become its own
   * @param beginning hears of each name before it is made in {@code content}
   * @throws InvalidSpecException if a file belongs to an id that {@code ids} does not have
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  public static Source copy(
      LayerView view,
      String path,
      IdMap ids,
      boolean settable,
      Dir content,
      Consumer<String> beginning,
      Dir parent,
      String like) {
    try (MergedPath way = new MergedPath(view.all())) {
      Source source = source(way, path);
      if (source == Source.FILES || source == Source.EMPTY) {
        DirectoryCopy copy = new DirectoryCopy(ids, settable, content, beginning);
        copy.contents(way.dir(), content, "");
        Optional<Found> self = way.found();
        if (self.isPresent()) {
          copy.attributes(self.get(), path, parent, like);
        }
      }
      return source;
    }
  }

  private void contents(MergedDir from, Dir to, String prefix) {
    for (Found found : from.children().values()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted while copying files of the image to a volume");
      }
      String path = prefix + found.name();
      ArchivedPath.next(path);
      if (prefix.isEmpty()) {
        beginning.accept(found.name());
      }
      if (!found.stat().isDirectory()) {
        file(found, to, path);
        continue;
      }
      Optional<MergedDir> entered = from.enter(found);
      if (entered.isPresent()) {
        to.mkdir(found.name(), 0700);
        try (MergedDir source = entered.get();
            Dir target = to.openDir(found.name())) {
          contents(source, target, path + "/");
        }
        attributes(found, path, to, found.name());
      }
    }
  }

  private void file(Found found, Dir to, String path) {
    FileStat stat = found.stat();
    if (stat.links() > 1) {
      String first = linked.putIfAbsent(new Inodes(stat.fileSystem(), stat.inode()), path);
      if (first != null) {
        toRoot.link(first, path);
        return;
      }
    }
    String name = found.name();
    switch (stat.type()) {
      case REGULAR -> regular(found, to);
      case SYMLINK -> to.symlink(found.part().dir().readLink(name), name);
      default -> to.mknod(name, stat.type().bits() | 0600, stat.deviceMajor(), stat.deviceMinor());
    }
    attributes(found, path, to, name);
  }

  private static void regular(Found found, Dir to) {
    int create = Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL;
    FileContent.Open opened =
        FileContent.open(found.part(), found.name())
            .orElseThrow(
                () ->
                    new PinnaceException(
                        "a file of the image was replaced while it was copied to a volume: "
                            + FileName.display(found.name())));
    try (opened;
        Fd target = to.open(found.name(), create, 0600)) {
      if (opened.stat().size() > 0) {
        FileCopy.copy(opened.fd(), target);
      }
    }
  }

  /** Owner first, which clears set-id bits and capabilities; times last. */
  private void attributes(Found found, String path, Dir to, String name) {
    FileStat stat = found.stat();
    if (settable) {
      to.chown(
          name,
          stored(ids.storedUser(found.user()), "user", found.user(), path),
          stored(ids.storedGroup(found.group()), "group", found.group(), path));
    }
    found.xattrs().forEach((key, value) -> xattr(to, name, key, value));
    if (stat.type() != FileType.SYMLINK) {
      to.chmod(name, stat.permissions());
    }
    to.utimes(name, stat.accessed(), stat.modified());
  }

  /** What the place cannot hold, or an ordinary user not set, is left out, as Docker does. */
  private void xattr(Dir to, String name, String key, byte[] value) {
    try {
      to.setXattr(name, key, value);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP) && (settable || !refusal.is(Errno.EPERM))) {
        throw refusal;
      }
    }
  }

  private static int stored(Optional<Integer> id, String what, int wanted, String path) {
    return id.orElseThrow(
        () ->
            new InvalidSpecException(
                FileName.display(path)
                    + " of the image belongs to "
                    + what
                    + " "
                    + Integer.toUnsignedString(wanted)
                    + ", which the container's user map does not have, so that it cannot be copied"
                    + " to a volume: give it a larger map, or mount the volume without the copy"));
  }
}

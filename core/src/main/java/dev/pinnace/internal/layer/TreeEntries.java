package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.FileStat;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes files of a tree as entries of an archive: times in seconds, owners as the container sees
 * them, extended attributes byte for byte, further names of a file as hard links. For one thread.
 */
final class TreeEntries implements AutoCloseable {
  private final TarWriter tar;
  private final FileContent content = new FileContent();
  private final Map<Inodes, String> written = new HashMap<>();
  private long entries;

  private record Inodes(long fileSystem, long inode) {}

  TreeEntries(TarWriter tar) {
    this.tar = tar;
  }

  FileContent content() {
    return content;
  }

  /** How many were written. */
  long count() {
    return entries;
  }

  /** A directory; the root's path is {@code "."}. */
  void directory(String path, Found directory) throws IOException {
    write(entry(path + "/", TarType.DIRECTORY, "", directory, directory.stat(), 0));
  }

  /**
   * Everything in a directory. What the kernel makes up itself, as in proc(5), is an empty
   * directory.
   *
   * @param fileSystem that of the directory; whether another one is stored anywhere is asked
   * @param prefix of the paths in the archive
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  void contents(MergedDir dir, long fileSystem, String prefix) throws IOException {
    for (Found found : dir.children().values()) {
      String path = prefix + found.name();
      ArchivedPath.next(path);
      if (!found.stat().isDirectory()) {
        file(path, found);
        continue;
      }
      Optional<MergedDir> entered = dir.enter(found);
      if (entered.isPresent()) {
        try (MergedDir child = entered.get()) {
          directory(path, found);
          long own = found.stat().fileSystem();
          if (own == fileSystem || !child.fileSystem().isPseudo()) {
            contents(child, own, path + "/");
          }
        }
      }
    }
  }

  /**
   * Anything else, unless it is a socket, or vanished: a socket is nothing without its listener.
   *
   * @return whether it was written
   */
  boolean file(String path, Found file) throws IOException {
    FileStat stat = file.stat();
    Inodes inode = new Inodes(stat.fileSystem(), stat.inode());
    String first = stat.links() > 1 ? written.get(inode) : null;
    if (first != null) {
      return write(entry(path, TarType.HARDLINK, first, file, stat, 0));
    }
    boolean done =
        switch (stat.type()) {
          case REGULAR -> regular(path, file);
          case SYMLINK -> symlink(path, file);
          case CHARACTER_DEVICE -> write(special(path, TarType.CHARACTER_DEVICE, file));
          case BLOCK_DEVICE -> write(special(path, TarType.BLOCK_DEVICE, file));
          case FIFO -> write(special(path, TarType.FIFO, file));
          default -> false;
        };
    if (done && stat.links() > 1) {
      written.put(inode, path);
    }
    return done;
  }

  /** The mark that something of the layers below is deleted, at a time that is always the same. */
  void whiteout(String path) throws IOException {
    int slash = path.lastIndexOf('/') + 1;
    write(mark(path.substring(0, slash) + LayerPath.WHITEOUT + path.substring(slash)));
  }

  /** The mark that a directory has nothing of what the layers below have in it. */
  void opaque(String directory) throws IOException {
    write(mark(directory + "/" + LayerPath.OPAQUE));
  }

  private static TarEntry mark(String path) {
    return TarEntry.file(path, 0).withPermissions(0);
  }

  private boolean write(TarEntry entry) throws IOException {
    tar.entry(entry);
    entries++;
    return true;
  }

  private boolean regular(String path, Found file) throws IOException {
    Optional<FileContent.Open> opened = FileContent.open(file.part(), file.name());
    if (opened.isEmpty()) {
      return false;
    }
    try (FileContent.Open open = opened.get()) {
      FileStat stat = open.stat();
      if (!stat.isSameFile(file.stat())) {
        return false; // what has taken its place meanwhile may have been written already
      }
      write(entry(path, TarType.REGULAR, "", file, stat, stat.size()));
      content.copy(open, tar::write);
      return true;
    }
  }

  private boolean symlink(String path, Found file) throws IOException {
    String target;
    try {
      target = file.part().dir().readLink(file.name());
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.EINVAL)) {
        return false;
      }
      throw refusal;
    }
    return write(entry(path, TarType.SYMLINK, target, file, file.stat(), 0));
  }

  private static TarEntry special(String path, TarType type, Found file) {
    return entry(path, type, "", file, file.stat(), 0);
  }

  private static TarEntry entry(
      String path, TarType type, String link, Found file, FileStat stat, long size) {
    return new TarEntry(
        path,
        type,
        link,
        stat.permissions(),
        file.user(),
        file.group(),
        size,
        Instant.ofEpochSecond(stat.modified().getEpochSecond()),
        type.isDevice() ? stat.deviceMajor() : 0,
        type.isDevice() ? stat.deviceMinor() : 0,
        type == TarType.HARDLINK ? Map.of() : xattrs(file),
        null);
  }

  private static Map<String, byte[]> xattrs(Found file) {
    try {
      return file.xattrs();
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return Map.of();
      }
      throw refusal;
    }
  }

  @Override
  public void close() {
    content.close();
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.internal.layer.LayerView.Part;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileSystemInfo;
import dev.pinnace.spi.storage.Whiteouts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One directory of several layers, as an overlay would show it (kernel:
 * <i>Documentation/filesystems/overlayfs.rst</i>); redirects and metadata-only copies are off in
 * Pinnace's mounts, so that names and marks tell all. What vanishes while it is looked at was not
 * there.
 */
final class MergedDir implements AutoCloseable {
  private static final int MINE = 0500;

  private final List<Part> parts;
  private final Whiteouts whiteouts;
  private final List<Runnable> atEnd = new ArrayList<>();

  private MergedDir(List<Part> parts, Whiteouts whiteouts) {
    this.parts = parts;
    this.whiteouts = whiteouts;
  }

  /** The roots of {@code parts}, which stay their owner's, top first. */
  static MergedDir of(List<Part> parts, Whiteouts whiteouts) {
    List<Part> opened = new ArrayList<>();
    MergedDir merged = new MergedDir(opened, whiteouts);
    try {
      parts.forEach(part -> opened.add(part.in(part.dir().duplicate())));
      return merged;
    } catch (RuntimeException | Error failure) {
      merged.close();
      throw failure;
    }
  }

  /** A directory that has nothing. */
  static MergedDir empty(Whiteouts whiteouts) {
    return new MergedDir(List.of(), whiteouts);
  }

  Whiteouts whiteouts() {
    return whiteouts;
  }

  /** This directory; empty where there is no layer. */
  Optional<Found> self() {
    return parts.stream().findFirst().map(Found::root);
  }

  /** What file system this is, of the topmost layer. */
  FileSystemInfo fileSystem() {
    return FileSystemInfo.of(parts.get(0).dir());
  }

  /** Everything in it by name, without whiteouts. */
  SortedMap<String, Found> children() {
    SortedMap<String, Found> children = raw();
    children.values().removeIf(this::isWhiteout);
    return children;
  }

  /** Everything in it by name, whiteouts as well. */
  SortedMap<String, Found> raw() {
    SortedMap<String, Found> found = new TreeMap<>();
    for (int depth = 0; depth < parts.size(); depth++) {
      Part part = parts.get(depth);
      for (DirEntry entry : entries(part.dir())) {
        if (!found.containsKey(entry.name())) {
          Optional<FileStat> stat = part.dir().find(entry.name());
          if (stat.isPresent()) {
            found.put(entry.name(), new Found(entry.name(), stat.get(), part, depth));
          }
        }
      }
    }
    return found;
  }

  private static List<DirEntry> entries(Dir dir) {
    try {
      return dir.entries();
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return List.of(); // it was removed since it was opened
      }
      throw refusal;
    }
  }

  /** What is there under that name. */
  Optional<Found> find(String name) {
    for (int depth = 0; depth < parts.size(); depth++) {
      Part part = parts.get(depth);
      Optional<FileStat> stat = part.dir().find(name);
      if (stat.isPresent()) {
        return Optional.of(new Found(name, stat.get(), part, depth))
            .filter(found -> !isWhiteout(found));
      }
    }
    return Optional.empty();
  }

  boolean isWhiteout(Found found) {
    return whiteouts != Whiteouts.REMOVE && found.stat().isWhiteout();
  }

  /** Opens a directory that was found here; empty if it is none any more. */
  Optional<MergedDir> enter(Found directory) {
    List<Part> opened = new ArrayList<>();
    MergedDir entered = new MergedDir(opened, whiteouts);
    try {
      for (int depth = directory.depth(); depth < parts.size(); depth++) {
        Part part = parts.get(depth);
        Optional<FileStat> stat = part.dir().find(directory.name());
        if (stat.isEmpty()) {
          continue;
        }
        if (!stat.get().isDirectory()) {
          break;
        }
        entered.open(part, directory.name(), stat.get());
        if (isOpaque(part.dir(), directory.name())) {
          break;
        }
      }
    } catch (ErrnoException refusal) {
      entered.close();
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
        return Optional.empty();
      }
      throw refusal;
    } catch (RuntimeException | Error failure) {
      entered.close();
      throw failure;
    }
    return opened.isEmpty() ? Optional.empty() : Optional.of(entered);
  }

  private void open(Part part, String name, FileStat stat) {
    Dir child = part.dir().openDir(name);
    parts.add(part.in(child));
    if (part.own()) {
      OwnFile.unlock(child.fd(), stat, MINE).ifPresent(atEnd::add);
    }
  }

  /** Whether what the layers below have under that name is hidden. */
  boolean isOpaque(Dir dir, String name) {
    if (whiteouts == Whiteouts.REMOVE) {
      return false;
    }
    String mark = whiteouts == Whiteouts.OVERLAY ? "trusted.overlay.opaque" : "user.overlay.opaque";
    byte[] value = dir.getXattr(name, mark);
    return value != null && value.length == 1 && value[0] == 'y';
  }

  @Override
  public void close() {
    try {
      atEnd.forEach(Runnable::run);
    } finally {
      parts.forEach(Part::close);
    }
  }
}

package dev.pinnace.internal.copy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.layer.LayerApplier;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.linux.file.Dir;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** Where something is copied to. For one thread. */
public final class CopyTarget {
  /** Sparse files are no larger in the copy, and so tell of no bytes that anybody has. */
  private static final LayerLimits OF_FILES =
      LayerLimits.defaults().withBytes(16L << 40).withEntries(Integer.MAX_VALUE);

  private final Dir tree;
  private final EntryOwners owners;
  private final Executor threads;
  private final Check check;

  /** What else is looked at. */
  public interface Check {
    /** Looks at where a copy goes, without links, before it begins; may refuse. */
    void place(String place);

    /** Called before each file; may refuse. */
    void file();
  }

  /**
   * Prepares one.
   *
   * @param tree in which the place is; it stays the caller's
   * @param owners whose the copies become
   * @param threads where sources are read
   */
  public CopyTarget(Dir tree, EntryOwners owners, Executor threads, Check check) {
    this.tree = tree;
    this.owners = owners;
    this.threads = threads;
    this.check = check;
  }

  /**
   * Copies {@code source} to {@code path}: into the directory that is there, or as what is there
   * then.
   *
   * @return what could not be kept of it
   * @throws NotFoundException if the directory is missing in which it would be
   * @throws ConflictException if a directory would be replaced by something else or the reverse
   */
  public List<String> take(CopySource source, String path) throws IOException {
    Place place = placeOf(source, path);
    check.place(place.path());
    if (owners.contained()) {
      // Links that somebody else has made in the source do not lead out of the copy.
      int slash = place.path().lastIndexOf('/');
      String parent = place.path().substring(0, Math.max(slash, 0));
      try (Dir own = tree.openDirFollowing(place.isNew() ? orRoot(parent) : orRoot(place.path()))) {
        String name = place.isNew() ? place.path().substring(slash + 1) : "";
        return copy(source, own, name, place.isNew());
      }
    }
    return copy(source, tree, place.path(), place.isNew());
  }

  private static String orRoot(String path) {
    return path.isEmpty() ? "." : path;
  }

  private List<String> copy(CopySource source, Dir into, String prefix, boolean itself)
      throws IOException {
    return TarPipe.through(
        threads,
        out -> source.writeNameless(out, itself),
        in -> unpack(in, into, entries(prefix, false), OF_FILES));
  }

  /**
   * Where the copy is going to be.
   *
   * @param isNew whether it takes the source's own attributes; not so a directory that something is
   *     copied into
   */
  private record Place(String path, boolean isNew) {}

  private Place placeOf(CopySource source, String text) {
    TreePath path = TreePath.of(tree, text, true);
    if (path.stat().isEmpty()) {
      if (path.isOfDirectory() && !source.isDirectory()) {
        throw new NotFoundException("there is no directory " + path.shown() + " to copy into");
      }
      return new Place(path.place(), true);
    }
    if (!path.isDirectory()) {
      if (path.isOfDirectory() || source.isDirectory()) {
        throw new ConflictException(
            path.shown()
                + " is not a directory, so "
                + source.shown()
                + " cannot be copied into it; remove it first, or give another place");
      }
      return new Place(path.place(), true);
    }
    if (source.isDirectory() && source.isContents()) {
      return new Place(path.place(), false);
    }
    return new Place(
        path.place().isEmpty() ? source.name() : path.place() + "/" + source.name(), true);
  }

  /**
   * Unpacks an archive into the directory {@code path}.
   *
   * @return what could not be kept of it
   * @throws NotFoundException if there is no such directory
   * @throws ConflictException if it is something else
   */
  public List<String> unpack(InputStream tar, String path) throws IOException {
    TreePath directory = TreePath.of(tree, path, true);
    if (directory.stat().isEmpty()) {
      throw new NotFoundException("there is no directory " + directory.shown() + " to unpack into");
    }
    if (!directory.isDirectory()) {
      throw new ConflictException(directory.shown() + " is not a directory to unpack into");
    }
    check.place(directory.place());
    return unpack(tar, tree, entries(directory.place(), true), LayerLimits.defaults());
  }

  /**
   * The last directory on the way to {@code path} that is there.
   *
   * @param path absolute
   * @return how much of {@code path} leads to it, up to a slash
   * @throws ConflictException if something on the way is no directory
   */
  public String directoryAbove(String path) {
    int end = path.lastIndexOf('/');
    while (end > 0 && !isThere(path.substring(0, end))) {
      end = path.lastIndexOf('/', end - 1);
    }
    return path.substring(0, Math.max(end, 0) + 1);
  }

  private boolean isThere(String directory) {
    try {
      return TreePath.of(tree, directory, true).stat().isPresent();
    } catch (NotFoundException above) {
      return false;
    }
  }

  private EntryPlaces entries(String directory, boolean isKept) {
    return new EntryPlaces(directory, isKept, owners, check::file);
  }

  private List<String> unpack(InputStream tar, Dir into, EntryPlaces places, LayerLimits limits)
      throws IOException {
    LayerOptions options =
        LayerOptions.defaults()
            .withWhiteouts(LayerOptions.Whiteouts.NONE)
            .withOwnership(owners.ownership())
            .withLimits(limits);
    List<String> losses =
        new ArrayList<>(LayerApplier.apply(tar, into, options, places).warnings());
    losses.addAll(places.leftOut());
    return losses;
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.spec.Change;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a container has changed, as a layer (image-spec, <i>Image Layer Filesystem Changeset</i>):
 * applied to the layers below it gives the container's files again, hard links included. What is as
 * it was is left out, be it copied up; a change of a directory's time alone is none. For one
 * thread, once.
 */
public final class LayerDiff {
  /**
   * What the changes came to.
   *
   * @param entries how many there are in the layer
   * @param unfit paths that no layer can hold, for their names are those of deletions
   */
  public record Result(long entries, List<String> unfit) {
    public Result {
      unfit = List.copyOf(unfit);
    }
  }

  private final DiffSink sink;
  private final FileContent content;
  private final Predicate<String> ignored;
  private @Nullable LinkGroups links;
  private @Nullable LinkGroups linksBelow;

  private LayerDiff(DiffSink sink, FileContent content, Set<String> mountPoints) {
    this.sink = sink;
    this.content = content;
    this.ignored = mountPoints::contains;
  }

  /**
   * Writes the changes that {@code view} shows; the archive's end is the caller's to write.
   *
   * @param mountPoints relative paths; what was made there for something to be mounted on is no
   *     change
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  public static Result write(LayerView view, Set<String> mountPoints, TarWriter tar)
      throws IOException {
    try (TreeEntries entries = new TreeEntries(tar)) {
      DiffArchive archive = new DiffArchive(entries);
      tell(view, mountPoints, archive, entries.content());
      return new Result(entries.count(), archive.unfit());
    }
  }

  /**
   * The changes that {@code view} shows, by path; a directory with changes in it is one, too.
   *
   * @param mountPoints as for {@link #write}
   * @throws CancelledException if the thread is interrupted between files; the flag stays set
   * @throws PinnaceException if a path is deeper or longer than {@link LayerLimits} takes
   */
  public static List<Change> list(LayerView view, Set<String> mountPoints) throws IOException {
    DiffList list = new DiffList();
    try (FileContent content = new FileContent()) {
      tell(view, mountPoints, list, content);
    }
    return list.changes().toList();
  }

  private static void tell(
      LayerView view, Set<String> mountPoints, DiffSink sink, FileContent content)
      throws IOException {
    try (MergedDir changed = view.changed();
        MergedDir below = view.below()) {
      LayerDiff diff = new LayerDiff(sink, content, mountPoints);
      if (view.isComplete()) {
        diff.links = LinkGroups.of(changed);
        diff.linksBelow = LinkGroups.of(below);
      }
      diff.root(changed, below);
      diff.contents(changed, below, new Parent("", null, false, null), view.isComplete());
    }
  }

  /** A directory on the way; told when something in it is. */
  private static final class Parent {
    private final String path;
    private final @Nullable Found found;
    private final boolean isNew;
    private final @Nullable Parent above;
    private boolean told;

    Parent(String path, @Nullable Found found, boolean isNew, @Nullable Parent above) {
      this.path = path;
      this.found = found;
      this.isNew = isNew;
      this.above = above;
      this.told = found == null;
    }

    String in(String name) {
      return path.isEmpty() ? name : path + "/" + name;
    }

    void tell(DiffSink sink) throws IOException {
      if (!told && found != null && above != null) {
        above.tell(sink);
        sink.directory(path, found, isNew);
        told = true;
      }
    }
  }

  /** The root directory has an entry if its owner, permissions or attributes were changed. */
  private void root(MergedDir changed, MergedDir below) throws IOException {
    Optional<Found> now = changed.self();
    Optional<Found> before = below.self();
    if (now.isPresent() && before.isPresent() && !sameAttributes(now.get(), before.get())) {
      sink.root(now.get());
    }
  }

  /**
   * What is in a directory.
   *
   * @param whole whether all that it has is among what was changed, so that what is not there was
   *     deleted
   */
  private void contents(MergedDir changed, MergedDir below, Parent parent, boolean whole)
      throws IOException {
    SortedMap<String, Found> now = changed.raw();
    if (whole) {
      for (String name : below.children().keySet()) {
        if (!now.containsKey(name)) {
          deleted(parent.in(name), parent);
        }
      }
    }
    for (Found found : now.values()) {
      String path = parent.in(found.name());
      ArchivedPath.next(path);
      Optional<Found> before = below.find(found.name());
      if (!sink.takes(path)) {
        continue;
      }
      if (found.stat().isWhiteout()) {
        if (before.isPresent()) {
          deleted(path, parent);
        }
      } else if (found.stat().isDirectory()) {
        directory(changed, below, parent, found, before, whole);
      } else if (!(before.isPresent() && isUnchanged(path, found, before.get()))
          && !isMountPoint(path, found, before)) {
        parent.tell(sink);
        sink.file(path, found, before);
      }
    }
  }

  private void deleted(String path, Parent parent) throws IOException {
    parent.tell(sink);
    sink.deleted(path);
  }

  private boolean isMountPoint(String path, Found found, Optional<Found> before) {
    return before.isEmpty() && found.stat().size() == 0 && ignored.test(path);
  }

  private void directory(
      MergedDir changed,
      MergedDir below,
      Parent parent,
      Found found,
      Optional<Found> before,
      boolean whole)
      throws IOException {
    Optional<MergedDir> entered = changed.enter(found);
    if (entered.isEmpty()) {
      return;
    }
    boolean over = before.filter(was -> was.stat().isDirectory()).isPresent();
    Parent self = new Parent(parent.in(found.name()), found, before.isEmpty(), parent);
    try (MergedDir child = entered.get()) {
      boolean opaque = over && changed.isOpaque(found.part().dir(), found.name());
      boolean isNew = !over && !(ignored.test(self.path) && child.children().isEmpty());
      if (isNew || opaque || (over && !sameAttributes(found, before.orElseThrow()))) {
        self.tell(sink);
      }
      boolean told = opaque && sink.opaque(self.path);
      try (MergedDir childBelow =
          over && !told ? enter(below, before) : MergedDir.empty(below.whiteouts())) {
        contents(child, childBelow, self, whole || (opaque && !told));
      }
    }
  }

  private static MergedDir enter(MergedDir below, Optional<Found> directory) {
    return directory.flatMap(below::enter).orElseGet(() -> MergedDir.empty(below.whiteouts()));
  }

  private boolean isUnchanged(String path, Found now, Found before) {
    FileStat stat = now.stat();
    FileStat was = before.stat();
    return stat.type() == was.type()
        && stat.size() == was.size()
        && stat.modified().equals(was.modified())
        && stat.deviceMajor() == was.deviceMajor()
        && stat.deviceMinor() == was.deviceMinor()
        && sameLinks(path, now, before)
        && sameAttributes(now, before)
        && sameContent(now, before);
  }

  /** A file that was copied up has left the other names that it had below. */
  private boolean sameLinks(String path, Found now, Found before) {
    if (links == null || linksBelow == null) {
      return now.stat().links() == 1 && before.stat().links() == 1;
    }
    return links.of(path, now).equals(linksBelow.of(path, before));
  }

  private static boolean sameAttributes(Found now, Found before) {
    return now.stat().permissions() == before.stat().permissions()
        && now.user() == before.user()
        && now.group() == before.group()
        && FileXattrs.same(now.xattrs(), before.xattrs());
  }

  private boolean sameContent(Found now, Found before) {
    if (now.stat().isSymlink()) {
      return now.part()
          .dir()
          .readLink(now.name())
          .equals(before.part().dir().readLink(before.name()));
    }
    if (!now.stat().isRegular()) {
      return true;
    }
    Optional<FileContent.Open> one = FileContent.open(now.part(), now.name());
    Optional<FileContent.Open> two = Optional.empty();
    try {
      two = FileContent.open(before.part(), before.name());
      return one.isPresent() && two.isPresent() && content.same(one.get(), two.get());
    } finally {
      one.ifPresent(FileContent.Open::close);
      two.ifPresent(FileContent.Open::close);
    }
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.spi.storage.LayerChanges;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a container, read from where its storage driver keeps them. Nothing is mounted for
 * that: it works for an ordinary user, shows nothing of what is mounted in the container, and the
 * container may run. Where it runs, its processes may change everything at any time; whoever reads
 * relies on no second look-up by name, and opens nothing but regular files and directories. For one
 * thread.
 */
public final class LayerView implements AutoCloseable {
  /**
   * One directory in which files of the container are.
   *
   * @param dir its root
   * @param ids whose its files are
   * @param own whether permissions that its files' owner lacks may be added for a while
   */
  record Part(Dir dir, IdMap ids, boolean own) implements AutoCloseable {
    Part in(Dir child) {
      return new Part(child, ids, own);
    }

    @Override
    public void close() {
      dir.close();
    }
  }

  private final Part changed;
  private final List<Part> below;
  private final Whiteouts whiteouts;
  private final boolean complete;

  private LayerView(Part changed, List<Part> below, Whiteouts whiteouts, boolean complete) {
    this.changed = changed;
    this.below = List.copyOf(below);
    this.whiteouts = whiteouts;
    this.complete = complete;
  }

  /**
   * Opens the files that {@code changes} tells of.
   *
   * @param written whose the files are that the container has written into an upper directory
   * @param stored whose all other files are
   */
  public static LayerView open(LayerChanges changes, IdMap written, IdMap stored) {
    if (changes instanceof LayerChanges.Upper upper) {
      return open(upper.upper(), written, upper.below(), stored, upper.whiteouts(), false);
    }
    LayerChanges.Full full = (LayerChanges.Full) changes;
    List<Path> base = full.base().map(List::of).orElse(List.of());
    return open(full.tree(), stored, base, stored, Whiteouts.REMOVE, true);
  }

  private static LayerView open(
      Path changed,
      IdMap changedIds,
      List<Path> below,
      IdMap belowIds,
      Whiteouts whiteouts,
      boolean complete) {
    List<Part> opened = new ArrayList<>();
    try {
      opened.add(new Part(Dir.open(changed), changedIds, true));
      for (Path layer : below) {
        opened.add(new Part(Dir.open(layer), belowIds, true));
      }
      return new LayerView(opened.get(0), opened.subList(1, opened.size()), whiteouts, complete);
    } catch (RuntimeException | Error failure) {
      opened.forEach(Part::close);
      throw failure;
    }
  }

  /** What the container has changed, or all that it has if {@link #isComplete}. */
  MergedDir changed() {
    return MergedDir.of(List.of(changed), whiteouts);
  }

  /** What it started from. */
  MergedDir below() {
    return MergedDir.of(below, whiteouts);
  }

  /** Everything, as the container sees it. */
  MergedDir all() {
    List<Part> parts = new ArrayList<>(List.of(changed));
    if (!complete) {
      parts.addAll(below);
    }
    return MergedDir.of(parts, whiteouts);
  }

  /** Whether {@link #changed} has all files: what is missing there was deleted. */
  boolean isComplete() {
    return complete;
  }

  @Override
  public void close() {
    changed.close();
    below.forEach(Part::close);
  }
}

package dev.pinnace.internal.copy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A path of a tree, and where it leads there. The tree's root is that of all links, and {@code ..}
 * does not leave it. What was found may be something else a moment later: this decides what is
 * meant, and whoever goes there stays in the tree by openat2(2).
 *
 * @param text as it was written
 * @param place where it leads, without links, {@code .} and {@code ..}; empty for the root
 * @param stat what is there; empty for nothing
 */
record TreePath(String text, String place, Optional<FileStat> stat) {
  private static final int MOST_LINKS = 40;

  /**
   * Finds where {@code text} leads.
   *
   * @param follow whether a link is followed that is the last component; one that is meant to be a
   *     directory always is
   * @throws NotFoundException if a directory on the way is missing
   * @throws ConflictException if something on the way is no directory, or links go in a circle
   * @throws InvalidSpecException if there is no path
   */
  static TreePath of(Dir tree, String text, boolean follow) {
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      throw new InvalidSpecException(FileName.display(text) + " is not a path of a file");
    }
    try {
      return new Walk(tree, text).go(follow || isOfDirectory(text));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENAMETOOLONG)) {
        throw new InvalidSpecException(
            FileName.display(text) + " is too long for the path of a file", refusal);
      }
      throw refusal;
    }
  }

  /** Whether by its end it can be the path of a directory only. */
  boolean isOfDirectory() {
    return isOfDirectory(text);
  }

  private static boolean isOfDirectory(String text) {
    String last = text.substring(text.lastIndexOf('/') + 1);
    return last.isEmpty() || last.equals(".") || last.equals("..");
  }

  /** Whether it means what is in a directory, and not that directory: {@code dir/.}. */
  boolean isOfContents() {
    return text.equals(".") || text.endsWith("/.");
  }

  boolean isDirectory() {
    return stat.filter(FileStat::isDirectory).isPresent();
  }

  /** What a copy of it is called: as it was written, where that says a name; empty for the root. */
  String name() {
    List<String> components = components(text);
    String last = components.isEmpty() ? "" : components.get(components.size() - 1);
    return last.isEmpty() || last.equals("..") ? place.substring(place.lastIndexOf('/') + 1) : last;
  }

  /** As a message says it. */
  String shown() {
    return FileName.display(text);
  }

  /** Those that lead somewhere: not the empty ones, nor {@code .}. */
  static List<String> components(String path) {
    return Arrays.stream(path.split("/"))
        .filter(component -> !component.isEmpty() && !component.equals("."))
        .toList();
  }

  private static final class Walk {
    private final Dir tree;
    private final String text;
    private final Deque<String> ahead = new ArrayDeque<>();
    private String place = "";
    private int links;

    Walk(Dir tree, String text) {
      this.tree = tree;
      this.text = text;
      ahead.addAll(components(text));
    }

    TreePath go(boolean follow) {
      Optional<FileStat> stat = Optional.of(tree.stat());
      while (!ahead.isEmpty()) {
        String component = ahead.removeFirst();
        if (component.equals("..")) {
          place = parent(place);
          stat = Optional.of(tree.stat(place.isEmpty() ? "." : place));
          continue;
        }
        String next = place.isEmpty() ? component : place + "/" + component;
        Optional<FileStat> found = tree.find(next);
        boolean last = ahead.isEmpty();
        if (found.filter(FileStat::isSymlink).isPresent() && (!last || follow)) {
          enterLink(tree.readLink(next));
          stat = Optional.of(tree.stat(place.isEmpty() ? "." : place));
          continue;
        }
        if (!last && found.isEmpty()) {
          throw new NotFoundException(
              "there is no directory "
                  + FileName.display("/" + next)
                  + " for "
                  + FileName.display(text));
        }
        if (!last && !found.get().isDirectory()) {
          throw new ConflictException(
              FileName.display("/" + next) + " is not a directory: " + FileName.display(text));
        }
        place = next;
        stat = found;
      }
      return new TreePath(text, place, stat);
    }

    private void enterLink(String target) {
      if (++links > MOST_LINKS) {
        throw new ConflictException("the links of " + FileName.display(text) + " go in a circle");
      }
      if (target.startsWith("/")) {
        place = "";
      }
      List<String> components = components(target);
      for (int i = components.size() - 1; i >= 0; i--) {
        ahead.addFirst(components.get(i));
      }
    }

    private static String parent(String path) {
      int slash = path.lastIndexOf('/');
      return slash < 0 ? "" : path.substring(0, slash);
    }
  }
}

package dev.pinnace.internal.layer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The way to a directory of merged layers, over symbolic links: the root is that of all links, and
 * {@code ..} does not leave it. Nothing is looked up outside of the layers. For one thread.
 */
final class MergedPath implements AutoCloseable {
  private static final int MOST_LINKS = 40;

  private final List<MergedDir> way = new ArrayList<>();
  private final List<Found> entered = new ArrayList<>();
  private final Deque<String> ahead = new ArrayDeque<>();
  private int links;

  /** Begins at {@code root}, which is closed with this. */
  MergedPath(MergedDir root) {
    way.add(root);
  }

  /** What a path leads to. */
  enum Kind {
    DIRECTORY,
    NOTHING,
    ANOTHER
  }

  /** Goes there; {@link #dir} is that directory then. */
  Kind go(String path) {
    addFirst(path);
    while (!ahead.isEmpty()) {
      String name = ahead.removeFirst();
      if (name.equals("..")) {
        leave();
        continue;
      }
      Optional<Found> found = dir().find(name);
      if (found.isEmpty()) {
        return Kind.NOTHING;
      }
      if (found.get().stat().isSymlink()) {
        if (++links > MOST_LINKS) {
          return Kind.ANOTHER;
        }
        follow(found.get().part().dir().readLink(name));
      } else if (found.get().stat().isDirectory()) {
        Optional<MergedDir> next = dir().enter(found.get());
        if (next.isEmpty()) {
          return Kind.NOTHING;
        }
        way.add(next.get());
        entered.add(found.get());
      } else {
        return Kind.ANOTHER;
      }
    }
    return Kind.DIRECTORY;
  }

  private void follow(String target) {
    if (target.startsWith("/")) {
      while (way.size() > 1) {
        leave();
      }
    }
    addFirst(target);
  }

  private void addFirst(String path) {
    List<String> names =
        Arrays.stream(path.split("/")).filter(n -> !n.isEmpty() && !n.equals(".")).toList();
    for (int i = names.size() - 1; i >= 0; i--) {
      ahead.addFirst(names.get(i));
    }
  }

  private void leave() {
    if (way.size() > 1) {
      way.remove(way.size() - 1).close();
      entered.remove(entered.size() - 1);
    }
  }

  /** Where this is now. */
  MergedDir dir() {
    return way.get(way.size() - 1);
  }

  /** That directory as it was found; empty where there are no layers. */
  Optional<Found> found() {
    return entered.isEmpty() ? dir().self() : Optional.of(entered.get(entered.size() - 1));
  }

  @Override
  public void close() {
    for (int i = way.size() - 1; i >= 0; i--) {
      way.get(i).close();
    }
  }
}

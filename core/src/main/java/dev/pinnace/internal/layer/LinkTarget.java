package dev.pinnace.internal.layer;

import java.util.ArrayDeque;
import java.util.Deque;

/** Where a symbolic link of a layer leads, by its text alone and never above the root. */
final class LinkTarget {
  private LinkTarget() {}

  /** The path below the root that {@code link} at {@code path} names. */
  static String resolve(String path, String link) {
    Deque<String> components = new ArrayDeque<>();
    if (!link.startsWith("/")) {
      push(components, path);
      components.pollLast();
    }
    push(components, link);
    return String.join("/", components);
  }

  private static void push(Deque<String> components, String path) {
    int at = 0;
    while (at <= path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      String component = path.substring(at, end);
      if (component.equals("..")) {
        components.pollLast();
      } else if (!component.isEmpty() && !component.equals(".")) {
        components.addLast(component);
      }
      at = end + 1;
    }
  }
}

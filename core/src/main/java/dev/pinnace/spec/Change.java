package dev.pinnace.spec;

import java.util.Objects;

/**
 * Something that a container has changed of its image's files.
 *
 * @param kind whether it is new, other or gone
 * @param path absolute, as the container sees it
 */
public record Change(Kind kind, String path) {
  /** What has happened to a file or directory. */
  public enum Kind {
    ADDED,
    /** Its content, owner, permissions or attributes; of a directory also what is in it. */
    CHANGED,
    DELETED
  }

  public Change {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(path, "path");
  }

  /** As in {@code A /etc/motd}. */
  @Override
  public String toString() {
    return kind.name().charAt(0) + " " + path;
  }
}

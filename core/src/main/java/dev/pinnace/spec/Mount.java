package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Something mounted in a container: a directory or file of the host, or memory. Immutable; made by
 * {@link #bind} and {@link #tmpfs}, then {@link #at}.
 *
 * @param kind which
 * @param source the host's path of a bind; empty for memory
 * @param target absolute, in the container
 * @param readOnly whether writing is refused (all mounts below it included, where the kernel can)
 * @param options further options of the file system or the mount, such as {@code size=64m} or
 *     {@code noexec}; mounts are private to the container, so {@code rslave} and {@code shared} are
 *     refused
 */
public record Mount(
    Kind kind, Optional<Path> source, String target, boolean readOnly, List<String> options) {
  /** What is mounted. */
  public enum Kind {
    BIND,
    TMPFS
  }

  public Mount {
    options = List.copyOf(options);
    if (!target.isEmpty()) {
      target = normalise(target);
    }
  }

  /**
   * A file or directory of the host, which must exist when the container starts. Give it a place
   * with {@link #at}.
   */
  public static Mount bind(Path source) {
    if (!source.isAbsolute()) {
      throw new InvalidSpecException("the source of a bind mount must be absolute: " + source);
    }
    return new Mount(Kind.BIND, Optional.of(source.normalize()), "", false, List.of());
  }

  /**
   * Memory that goes with the container: nosuid, nodev and noexec unless an option says otherwise.
   */
  public static Mount tmpfs() {
    return new Mount(Kind.TMPFS, Optional.empty(), "", false, List.of());
  }

  /** The same at {@code newTarget}. */
  public Mount at(String newTarget) {
    Objects.requireNonNull(newTarget, "newTarget");
    return new Mount(kind, source, newTarget, readOnly, options);
  }

  /** The same, read-only. */
  public Mount asReadOnly() {
    return new Mount(kind, source, target, true, options);
  }

  /** The same with further options. */
  public Mount with(String... more) {
    Objects.requireNonNull(more, "more");
    List<String> all = new java.util.ArrayList<>(options);
    all.addAll(List.of(more));
    return new Mount(kind, source, target, readOnly, all);
  }

  private static String normalise(String target) {
    if (!target.startsWith("/")) {
      throw new InvalidSpecException(
          "a mount's place in the container must be absolute: \"" + target + "\"");
    }
    String normal = normalize(target);
    if (normal.equals("/")
        || normal.equals("/proc")
        || normal.startsWith("/proc/")
        || normal.equals("/sys")) {
      throw new InvalidSpecException(
          "nothing may be mounted on "
              + normal
              + ": the container's safety depends on what is there");
    }
    return normal;
  }

  private static String normalize(String target) {
    try {
      return Path.of(target).normalize().toString();
    } catch (InvalidPathException e) {
      throw new InvalidSpecException("a mount's place cannot be a path: " + e.getMessage(), e);
    }
  }
}

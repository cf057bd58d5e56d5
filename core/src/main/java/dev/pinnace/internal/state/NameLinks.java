package dev.pinnace.internal.state;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.ContainerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The names of containers: symbolic links to their ids. What else somebody has put among them is
 * left alone. Thread-safe.
 */
final class NameLinks implements AutoCloseable {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private final Path path;
  private final Dir directory;

  NameLinks(Path path) {
    this.path = path;
    this.directory = Dir.open(path);
  }

  /** Where a name is, or would be. */
  Path path(String name) {
    return path.resolve(name);
  }

  /** All that is there. */
  List<String> list() {
    return directory.list();
  }

  /** Gives a container a name; false if something of that name is there. */
  boolean make(String name, ContainerId id) {
    try {
      directory.symlink(id.hex(), name);
      return true;
    } catch (ErrnoException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
  }

  /** Whose name it is; empty if it is nobody's. */
  Optional<ContainerId> find(String name) {
    return target(name).filter(text -> ID.matcher(text).matches()).map(ContainerId::new);
  }

  /** Whether something is in the place of a name that is none. */
  boolean isForeign(String name) {
    return target(name).filter(text -> !ID.matcher(text).matches()).isPresent();
  }

  /** Whether there is nothing of that name. */
  boolean isFree(String name) {
    return target(name).isEmpty();
  }

  /** What a link says; nothing for what is no link, empty where there is none. */
  private Optional<String> target(String name) {
    try {
      return Optional.of(directory.readLink(name));
    } catch (ErrnoException e) {
      if (e.is(Errno.EINVAL) && directory.exists(name)) {
        return Optional.of("");
      }
      if (e.is(Errno.ENOENT, Errno.EINVAL)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Takes a name away if it is there. */
  void remove(String name) {
    try {
      directory.unlink(name);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    directory.close();
  }
}

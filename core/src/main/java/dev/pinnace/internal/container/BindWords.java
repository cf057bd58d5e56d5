package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.BindOptions;
import dev.pinnace.spec.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Options of a bind mount in the runtime configuration: mount(8)'s words, and the engine's own,
 * which begin with {@code x-pinnace.}.
 */
final class BindWords {
  private BindWords() {}

  /**
   * What is said of {@code mount}, besides its own options.
   *
   * @param source of the host, which is looked at
   * @throws NotFoundException if it is not there
   */
  static List<String> of(Mount mount, Path source) {
    List<String> words = new ArrayList<>();
    mount.bind().ifPresent(options -> add(words, options));
    if (!isDirectory(mount, source)) {
      words.add("x-pinnace.file");
    }
    mount.subPath().ifPresent(path -> words.add("x-pinnace.subpath=" + path));
    return words;
  }

  private static void add(List<String> words, BindOptions options) {
    if (options.propagation().isReceiving()) {
      words.add(options.propagation().word());
    }
    if (options.nonRecursive()) {
      words.add("bind");
    }
    if (options.writableBelow()) {
      words.add("x-pinnace.writable-below");
    }
    options.owner().ifPresent(owner -> words.add("x-pinnace.owner=" + owner));
  }

  private static boolean isDirectory(Mount mount, Path source) {
    if (mount.kind() == Mount.Kind.VOLUME && !Files.exists(source)) {
      return true; // it is made with the container, if all else is well
    }
    if (!Files.exists(source)) {
      throw missing(mount, source.toString());
    }
    Optional<String> subPath = mount.subPath();
    return subPath.isEmpty()
        ? Files.isDirectory(source)
        : isDirectory(mount, source, subPath.get());
  }

  private static boolean isDirectory(Mount mount, Path source, String subPath) {
    if (!Files.isDirectory(source)) {
      throw new InvalidSpecException(
          "the mount on "
              + mount.target()
              + " cannot have the sub-path "
              + subPath
              + ": "
              + source
              + " is not a directory");
    }
    try (Dir directory = Dir.open(source)) {
      return directory.statFollowing(subPath).isDirectory();
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
        throw missing(mount, subPath + " in " + source);
      }
      throw refusal;
    }
  }

  private static NotFoundException missing(Mount mount, String what) {
    return new NotFoundException(
        "the source of the mount on " + mount.target() + " does not exist: " + what);
  }
}

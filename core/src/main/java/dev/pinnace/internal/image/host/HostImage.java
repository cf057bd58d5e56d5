package dev.pinnace.internal.image.host;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ImageReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes into an image of the host. Immutable.
 *
 * @param name the image's name
 * @param programs programs by name or absolute path; the first is the image's command
 * @param paths further files and directories
 */
public record HostImage(ImageReference name, List<String> programs, List<Path> paths) {
  private static final ImageReference DEFAULT_NAME = ImageReference.parse("localhost/host:latest");

  /**
   * @throws InvalidSpecException without programs, or with a relative path
   */
  public HostImage {
    name = name.withDefaultTag();
    programs = List.copyOf(programs);
    paths = List.copyOf(paths);
    if (programs.isEmpty()) {
      throw new InvalidSpecException(
          "an image of the host needs at least one program, for example \"sh\"");
    }
    for (Path path : paths) {
      if (!path.isAbsolute() || path.normalize().getNameCount() == 0) {
        throw new InvalidSpecException(
            "\"" + path + "\" is not an absolute path below the root of this host");
      }
    }
  }

  /** An image of programs with what they need, called {@code localhost/host:latest}. */
  public static HostImage of(String... programs) {
    return new HostImage(DEFAULT_NAME, List.of(programs), List.of());
  }

  /** The same with another file or directory, which lands at its own path. */
  public HostImage with(Path path) {
    List<Path> more = new ArrayList<>(paths);
    more.add(path);
    return new HostImage(name, programs, more);
  }

  /** The same under another name. */
  public HostImage named(ImageReference newName) {
    return new HostImage(newName, programs, paths);
  }
}

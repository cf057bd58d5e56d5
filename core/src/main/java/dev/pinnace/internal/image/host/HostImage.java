package dev.pinnace.internal.image.host;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ImageReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What goes into an image of the host. Immutable.
 *
 * @param name the image's name
 * @param programs programs by name or absolute path; the first is the image's command
 * @param extras further files and directories
 */
public record HostImage(ImageReference name, List<String> programs, List<Extra> extras) {
  private static final ImageReference DEFAULT_NAME = ImageReference.parse("localhost/host:latest");

  /**
   * A file or directory.
   *
   * @param path where it is on this host
   * @param at where it lands in the image; its own path if empty
   */
  public record Extra(Path path, Optional<Path> at) {
    /**
     * @throws InvalidSpecException with a path that is not absolute, or is the root
     */
    public Extra {
      check(path, "this host");
      at.ifPresent(place -> check(place, "the image"));
    }

    private static void check(Path path, String root) {
      if (!path.isAbsolute() || path.normalize().getNameCount() == 0) {
        throw new InvalidSpecException(
            "\"" + path + "\" is not an absolute path below the root of " + root);
      }
    }
  }

  /**
   * @throws InvalidSpecException without programs
   */
  public HostImage {
    name = name.withDefaultTag();
    programs = List.copyOf(programs);
    extras = List.copyOf(extras);
    if (programs.isEmpty()) {
      throw new InvalidSpecException(
          "an image of the host needs at least one program, for example \"sh\"");
    }
  }

  /** An image of programs with what they need, called {@code localhost/host:latest}. */
  public static HostImage of(String... programs) {
    return new HostImage(DEFAULT_NAME, List.of(programs), List.of());
  }

  /** The same with another file or directory, which lands at its own path. */
  public HostImage with(Path path) {
    return with(new Extra(path, Optional.empty()));
  }

  /** The same with another file or directory, which lands at {@code at}. */
  public HostImage with(Path path, Path at) {
    return with(new Extra(path, Optional.of(at)));
  }

  private HostImage with(Extra extra) {
    List<Extra> more = new ArrayList<>(extras);
    more.add(extra);
    return new HostImage(name, programs, more);
  }

  /** The same under another name. */
  public HostImage named(ImageReference newName) {
    return new HostImage(newName, programs, extras);
  }
}

package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.spec.Mount;
import java.util.List;
import java.util.Optional;

/** Where mounts land in an image, whose links may lead them elsewhere. */
public final class MountPlaces {
  private MountPlaces() {}

  /**
   * Refuses a mount on the root itself, which the container would never see.
   *
   * @throws InvalidSpecException if a link of the image leads one there
   */
  public static void check(Dir root, List<Mount> mounts) {
    FileStat top = root.stat();
    for (Mount mount : mounts) {
      if (find(root, mount.target()).filter(top::isSameFile).isPresent()) {
        throw new InvalidSpecException(
            "nothing may be mounted on /, where a link of the image leads "
                + mount.target()
                + ": choose another place");
      }
    }
  }

  /** What is not there yet is made when the container starts. */
  private static Optional<FileStat> find(Dir root, String place) {
    try {
      return Optional.of(root.statFollowing(place.substring(1)));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }
}

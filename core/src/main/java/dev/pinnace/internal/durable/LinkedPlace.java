package dev.pinnace.internal.durable;

import dev.pinnace.error.ConflictException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Where a file is, or would be, that somebody names by a link. As of protected_symlinks of
 * proc_sys_fs(5), but always: in a directory like /tmp anybody may have put a link that leads to
 * another's file.
 */
final class LinkedPlace {
  private static final int MOST_LINKS = 40; // as of the kernel
  private static final int STICKY_AND_WRITABLE = 01002; // S_ISVTX, S_IWOTH
  private static final Path SELF = Path.of("/proc/self");

  private LinkedPlace() {}

  /**
   * Where the last of a chain of links leads, whether something is there or not; absolute.
   *
   * @throws ConflictException if one is a stranger's, in a sticky directory that all may write to
   */
  static Path of(Path file) throws IOException {
    Path place = file.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(place); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      refuseOfStranger(place);
      place = place.resolveSibling(Files.readSymbolicLink(place));
    }
    Path directory = place.resolveSibling("");
    return Files.exists(directory)
        ? directory.toRealPath().resolve(String.valueOf(place.getFileName()))
        : place;
  }

  private static void refuseOfStranger(Path link) throws IOException {
    Path directory = link.resolveSibling("");
    int mode = (int) Files.getAttribute(directory, "unix:mode");
    if ((mode & STICKY_AND_WRITABLE) != STICKY_AND_WRITABLE) {
      return;
    }
    Object owner = Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getAttribute(SELF, "unix:uid"))
        && !owner.equals(Files.getAttribute(directory, "unix:uid"))) {
      throw new ConflictException(
          link
              + " is a symbolic link of user "
              + owner
              + " in a directory that all may write to, and is not followed: remove it, or give"
              + " another name");
    }
  }
}

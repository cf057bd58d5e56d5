package dev.pinnace.internal.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/** Directories that nobody but their owner may enter. */
final class PrivateDirectory {
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private PrivateDirectory() {}

  /**
   * Makes a directory; what is there already must be a directory of {@code uid}, and no link, for
   * anybody may have put it into /tmp.
   */
  static void make(Path directory, int uid) throws IOException {
    create(directory);
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(directory + " is not a directory: remove it, or choose another one");
    }
    Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(uid)) {
      throw new IOException(
          directory
              + " belongs to user "
              + owner
              + " and not to user "
              + uid
              + ": remove it, or choose another one");
    }
    Files.setPosixFilePermissions(directory, OWNER);
  }

  /**
   * Makes the root. What is there already is closed to others if it is a root or empty; a directory
   * with other things in it, which others may enter, is not taken.
   */
  static void makeRoot(Path root) throws IOException {
    create(root);
    if (Files.getPosixFilePermissions(root).equals(OWNER)) {
      return;
    }
    if (!Files.exists(root.resolve("VERSION")) && !isEmpty(root)) {
      throw new IOException(
          root
              + " is not empty, and others may enter it: close it to them (chmod 700), or choose an"
              + " empty one");
    }
    Files.setPosixFilePermissions(root, OWNER);
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.findAny().isEmpty();
    }
  }

  private static void create(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    FileAttribute<?> permissions = PosixFilePermissions.asFileAttribute(OWNER);
    try {
      Files.createDirectory(directory, permissions);
    } catch (FileAlreadyExistsException another) {
      // Another engine was faster.
      if (!Files.isDirectory(directory)) {
        throw another;
      }
    }
  }
}

package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A file that is copied into a container when it is made, so that it is there before its first
 * program begins. It takes the place of one that is there; directories above it that are missing
 * are made, root's and 0755. Symbolic links on the way are followed inside the container, as by
 * {@link dev.pinnace.Container#copyIn}. Immutable.
 */
public final class FileSpec {
  private static final int PERMISSIONS = 07777;

  /** Files that each container has, and what they are told. */
  private static final Map<String, String> OWN =
      Map.of(
          "/etc/hosts", "extraHost(...)",
          "/etc/hostname", "hostname(...)",
          "/etc/resolv.conf", "dns(...)");

  private final String path;
  private final byte[] bytes;
  private final Optional<Path> source;
  private final OptionalInt mode;
  private final int uid;
  private final int gid;

  private FileSpec(
      String path, byte[] bytes, Optional<Path> source, OptionalInt mode, int uid, int gid) {
    this.path = path;
    this.bytes = bytes;
    this.source = source;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
  }

  /**
   * Text, in UTF-8.
   *
   * @param path in the container
   * @throws InvalidSpecException unless that is absolute and names a file
   */
  public static FileSpec of(String path, String text) {
    Objects.requireNonNull(text, "text");
    return of(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes, of which a copy is made. */
  public static FileSpec of(String path, byte[] content) {
    Objects.requireNonNull(content, "content");
    return new FileSpec(valid(path), content.clone(), Optional.empty(), OptionalInt.empty(), 0, 0);
  }

  /** What a regular file of the host has when the container is made, and its permissions. */
  public static FileSpec of(String path, Path source) {
    Objects.requireNonNull(source, "source");
    return new FileSpec(valid(path), new byte[0], Optional.of(source), OptionalInt.empty(), 0, 0);
  }

  private static String valid(String path) {
    Objects.requireNonNull(path, "path");
    Checks.noNul("the path of a file", path);
    String last = path.substring(path.lastIndexOf('/') + 1);
    if (!path.startsWith("/") || last.isEmpty() || last.equals(".") || last.equals("..")) {
      throw new InvalidSpecException(
          "the path of a file in a container must be absolute and end with its name: \""
              + path
              + "\"");
    }
    OWN.forEach(
        (own, instead) -> {
          if (path.replaceAll("/+", "/").equals(own)) {
            throw new InvalidSpecException(
                own + " is made anew at each start, and cannot be a copy: use " + instead);
          }
        });
    return path;
  }

  /**
   * With permissions; 0644 by default, or those of the file of the host, without set-user-ID and
   * set-group-ID bits.
   *
   * @throws InvalidSpecException outside 0 to 07777
   */
  public FileSpec withMode(int permissions) {
    if ((permissions & ~PERMISSIONS) != 0) {
      throw new InvalidSpecException(
          "permissions are 0 to 07777, in octal digits: " + Integer.toOctalString(permissions));
    }
    return new FileSpec(path, bytes, source, OptionalInt.of(permissions), uid, gid);
  }

  /**
   * With an owner, by the numbers that the container has; its root by default.
   *
   * @throws InvalidSpecException for negative numbers
   */
  public FileSpec withOwner(int newUid, int newGid) {
    if (newUid < 0 || newGid < 0) {
      throw new InvalidSpecException(
          "the numbers of an owner are not negative: " + newUid + ":" + newGid);
    }
    return new FileSpec(path, bytes, source, mode, newUid, newGid);
  }

  /** Where it is in the container. */
  public String path() {
    return path;
  }

  /** A copy of what it has; empty where that is in {@link #source}. */
  public byte[] content() {
    return bytes.clone();
  }

  /** The file of the host that it is a copy of. */
  public Optional<Path> source() {
    return source;
  }

  /** Its permissions; empty for the default. */
  public OptionalInt mode() {
    return mode;
  }

  /** Whose it is. */
  public int uid() {
    return uid;
  }

  /** Its group. */
  public int gid() {
    return gid;
  }

  @Override
  public String toString() {
    return path + " (" + source.map(Path::toString).orElse(bytes.length + " bytes") + ")";
  }
}

package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileName;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a tar archive. Names carry any bytes, see {@link FileName}.
 *
 * @param name the path as the archive has it
 * @param type what it makes
 * @param linkName target of a hard or symbolic link, else empty
 * @param permissions the twelve permission bits
 * @param uid owner; the unsigned 32-bit value's bits
 * @param gid group, likewise
 * @param size bytes of a regular file as they are read back, holes included; else 0
 * @param modified mtime
 * @param deviceMajor of a device
 * @param deviceMinor of a device
 * @param xattrs extended attributes, byte-exact; the arrays are not copied
 * @param sparse where the stored bytes go, null if the file has no holes
 */
public record TarEntry(
    String name,
    TarType type,
    String linkName,
    int permissions,
    int uid,
    int gid,
    long size,
    Instant modified,
    int deviceMajor,
    int deviceMinor,
    Map<String, byte[]> xattrs,
    @Nullable SparseMap sparse) {

  /** A regular file, owned by root, 0644, epoch. */
  public static TarEntry file(String name, long size) {
    return of(name, TarType.REGULAR, "", 0644, size);
  }

  /** A directory, owned by root, 0755, epoch. */
  public static TarEntry directory(String name) {
    return of(name, TarType.DIRECTORY, "", 0755, 0);
  }

  /** A symbolic link. */
  public static TarEntry symlink(String name, String target) {
    return of(name, TarType.SYMLINK, target, 0777, 0);
  }

  /** A hard link to an entry before it. */
  public static TarEntry hardlink(String name, String target) {
    return of(name, TarType.HARDLINK, target, 0644, 0);
  }

  /** A FIFO, 0644. */
  public static TarEntry fifo(String name) {
    return of(name, TarType.FIFO, "", 0644, 0);
  }

  private static TarEntry of(String name, TarType type, String link, int mode, long size) {
    return new TarEntry(name, type, link, mode, 0, 0, size, Instant.EPOCH, 0, 0, Map.of(), null);
  }

  /** A character or block device, 0600. */
  public static TarEntry device(String name, TarType type, int major, int minor) {
    return new TarEntry(name, type, "", 0600, 0, 0, 0, Instant.EPOCH, major, minor, Map.of(), null);
  }

  /** With other permission bits. */
  public TarEntry withPermissions(int bits) {
    return new TarEntry(
        name,
        type,
        linkName,
        bits,
        uid,
        gid,
        size,
        modified,
        deviceMajor,
        deviceMinor,
        xattrs,
        sparse);
  }

  /** With another owner and group. */
  public TarEntry withOwner(int owner, int group) {
    return new TarEntry(
        name,
        type,
        linkName,
        permissions,
        owner,
        group,
        size,
        modified,
        deviceMajor,
        deviceMinor,
        xattrs,
        sparse);
  }

  /** Under another name; the link name is that of a hard or symbolic link. */
  public TarEntry at(String path, String link) {
    return new TarEntry(
        path,
        type,
        link,
        permissions,
        uid,
        gid,
        size,
        modified,
        deviceMajor,
        deviceMinor,
        xattrs,
        sparse);
  }

  /** With these extended attributes and no others. */
  public TarEntry withXattrs(Map<String, byte[]> all) {
    return new TarEntry(
        name,
        type,
        linkName,
        permissions,
        uid,
        gid,
        size,
        modified,
        deviceMajor,
        deviceMinor,
        all,
        sparse);
  }

  /** With another mtime. */
  public TarEntry withModified(Instant time) {
    return new TarEntry(
        name,
        type,
        linkName,
        permissions,
        uid,
        gid,
        size,
        time,
        deviceMajor,
        deviceMinor,
        xattrs,
        sparse);
  }

  /** With one more extended attribute. */
  public TarEntry withXattr(String key, byte[] value) {
    SortedMap<String, byte[]> more = new TreeMap<>(xattrs);
    more.put(key, value.clone());
    return new TarEntry(
        name,
        type,
        linkName,
        permissions,
        uid,
        gid,
        size,
        modified,
        deviceMajor,
        deviceMinor,
        more,
        sparse);
  }
}

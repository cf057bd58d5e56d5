package dev.pinnace.linux.file;

import dev.pinnace.linux.internal.jna.NativeMemory;
import java.time.Instant;

/**
 * What statx(2) says of an inode.
 *
 * @param type what it is
 * @param permissions the twelve lower bits of its mode, setuid, setgid and sticky included
 * @param uid owner
 * @param gid group
 * @param deviceMajor major number of the device that it is
 * @param deviceMinor minor number of the device that it is
 * @param size bytes; of a symbolic link the length of its target
 * @param blocks 512-byte blocks in use
 * @param links number of hard links
 * @param inode inode number
 * @param fileSystem device number of the file system it is on, major in the upper half
 * @param mountId the mount it was reached by (STATX_MNT_ID), 0 before Linux 5.8
 * @param modified mtime, to the nanosecond
 * @param accessed atime
 * @param changed ctime
 */
public record FileStat(
    FileType type,
    int permissions,
    int uid,
    int gid,
    int deviceMajor,
    int deviceMinor,
    long size,
    long blocks,
    int links,
    long inode,
    long fileSystem,
    long mountId,
    Instant modified,
    Instant accessed,
    Instant changed) {

  /** sizeof(struct statx), linux/stat.h. */
  static final int SIZE = 256;

  /** STATX_BASIC_STATS | STATX_MNT_ID. */
  static final int MASK = 0x07FF | 0x1000;

  static FileStat read(NativeMemory memory, int at) {
    int mode = Short.toUnsignedInt(memory.getShort(at + 28));
    return new FileStat(
        FileType.ofMode(mode),
        mode & 07777,
        memory.getInt(at + 20),
        memory.getInt(at + 24),
        memory.getInt(at + 128),
        memory.getInt(at + 132),
        memory.getLong(at + 40),
        memory.getLong(at + 48),
        memory.getInt(at + 16),
        memory.getLong(at + 32),
        (memory.getInt(at + 136) & 0xFFFFFFFFL) << 32 | (memory.getInt(at + 140) & 0xFFFFFFFFL),
        (memory.getInt(at) & 0x1000) != 0 ? memory.getLong(at + 144) : 0,
        instant(memory, at + 112),
        instant(memory, at + 64),
        instant(memory, at + 96));
  }

  private static Instant instant(NativeMemory memory, int at) {
    long seconds = memory.getLong(at);
    if (seconds < Instant.MIN.getEpochSecond()) {
      return Instant.MIN;
    }
    if (seconds > Instant.MAX.getEpochSecond()) {
      return Instant.MAX;
    }
    return Instant.ofEpochSecond(seconds, memory.getInt(at + 8));
  }

  /** The whole {@code st_mode}: type and permissions. */
  public int mode() {
    return type.bits() | permissions;
  }

  public boolean isDirectory() {
    return type == FileType.DIRECTORY;
  }

  public boolean isRegular() {
    return type == FileType.REGULAR;
  }

  public boolean isSymlink() {
    return type == FileType.SYMLINK;
  }

  /** Whether it is a whiteout of overlayfs: a character device 0/0. */
  public boolean isWhiteout() {
    return type == FileType.CHARACTER_DEVICE && deviceMajor == 0 && deviceMinor == 0;
  }

  /** Whether {@code other} is the same inode. */
  public boolean isSameFile(FileStat other) {
    return inode == other.inode && fileSystem == other.fileSystem;
  }
}

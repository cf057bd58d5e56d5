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

  private static final int STATX_BASIC_STATS = 0x07FF;
  private static final int STATX_MNT_ID = 0x1000;

  /** What is asked for. */
  static final int MASK = STATX_BASIC_STATS | STATX_MNT_ID;

  private static final int STX_MASK = 0;
  private static final int STX_NLINK = 16;
  private static final int STX_UID = 20;
  private static final int STX_GID = 24;
  private static final int STX_MODE = 28;
  private static final int STX_INO = 32;
  private static final int STX_SIZE = 40;
  private static final int STX_BLOCKS = 48;
  private static final int STX_ATIME = 64;
  private static final int STX_CTIME = 96;
  private static final int STX_MTIME = 112;
  private static final int STX_RDEV_MAJOR = 128;
  private static final int STX_RDEV_MINOR = 132;
  private static final int STX_DEV_MAJOR = 136;
  private static final int STX_DEV_MINOR = 140;
  private static final int STX_MNT_ID = 144;

  static FileStat read(NativeMemory memory, int at) {
    int mode = Short.toUnsignedInt(memory.getShort(at + STX_MODE));
    return new FileStat(
        FileType.ofMode(mode),
        mode & 07777,
        memory.getInt(at + STX_UID),
        memory.getInt(at + STX_GID),
        memory.getInt(at + STX_RDEV_MAJOR),
        memory.getInt(at + STX_RDEV_MINOR),
        memory.getLong(at + STX_SIZE),
        memory.getLong(at + STX_BLOCKS),
        memory.getInt(at + STX_NLINK),
        memory.getLong(at + STX_INO),
        (memory.getInt(at + STX_DEV_MAJOR) & 0xFFFFFFFFL) << 32
            | (memory.getInt(at + STX_DEV_MINOR) & 0xFFFFFFFFL),
        (memory.getInt(at + STX_MASK) & STATX_MNT_ID) != 0 ? memory.getLong(at + STX_MNT_ID) : 0,
        instant(memory, at + STX_MTIME),
        instant(memory, at + STX_ATIME),
        instant(memory, at + STX_CTIME));
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

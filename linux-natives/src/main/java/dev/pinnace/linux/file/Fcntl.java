package dev.pinnace.linux.file;

import dev.pinnace.linux.Kernel;

/** Constants of linux/fcntl.h, asm/fcntl.h and linux/openat2.h. */
public final class Fcntl {
  private static final boolean ARM = Kernel.architecture() == Kernel.Architecture.AARCH64;

  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  public static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;
  public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

  public static final int AT_FDCWD = -100;
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;
  public static final int AT_REMOVEDIR = 0x200;
  public static final int AT_SYMLINK_FOLLOW = 0x400;
  public static final int AT_NO_AUTOMOUNT = 0x800;
  public static final int AT_EMPTY_PATH = 0x1000;
  public static final int AT_RECURSIVE = 0x8000;

  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;
  static final int F_RDLCK = 0;
  static final int F_WRLCK = 1;
  static final int F_UNLCK = 2;
  static final int F_ADD_SEALS = 1033;
  static final int F_GET_SEALS = 1034;
  static final int F_SEAL_SEAL = 0x1;
  static final int F_SEAL_SHRINK = 0x2;
  static final int F_SEAL_GROW = 0x4;
  static final int F_SEAL_WRITE = 0x8;

  /** linux/fs.h: flags of renameat2. */
  static final int RENAME_NOREPLACE = 1;

  static final int RENAME_EXCHANGE = 2;

  /** linux/fs.h: ioctl that shares the blocks of another file. */
  static final long FICLONE = 0x40049409L;

  static final int SEEK_SET = 0;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final long RESOLVE_NO_XDEV = 0x01;
  static final long RESOLVE_NO_MAGICLINKS = 0x02;
  static final long RESOLVE_IN_ROOT = 0x10;

  /** sizeof(struct open_how): flags, mode, resolve. */
  static final int OPEN_HOW_SIZE = 24;

  /** sizeof(struct flock). */
  static final int FLOCK_SIZE = 32;

  private Fcntl() {}
}

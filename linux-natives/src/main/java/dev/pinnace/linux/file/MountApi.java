package dev.pinnace.linux.file;

/** Constants of linux/mount.h and sys/mount.h. */
public final class MountApi {
  /** Attributes of a mount: fsmount(2), mount_setattr(2). */
  public static final long MOUNT_ATTR_RDONLY = 0x1;

  public static final long MOUNT_ATTR_NOSUID = 0x2;
  public static final long MOUNT_ATTR_NODEV = 0x4;
  public static final long MOUNT_ATTR_NOEXEC = 0x8;
  public static final long MOUNT_ATTR_ATIME = 0x70;
  public static final long MOUNT_ATTR_RELATIME = 0x0;
  public static final long MOUNT_ATTR_NOATIME = 0x10;
  public static final long MOUNT_ATTR_STRICTATIME = 0x20;
  public static final long MOUNT_ATTR_NODIRATIME = 0x80;
  public static final long MOUNT_ATTR_IDMAP = 0x100000;
  public static final long MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

  /** Flags of mount(2). */
  public static final long MS_RDONLY = 0x1;

  public static final long MS_NOSUID = 0x2;
  public static final long MS_NODEV = 0x4;
  public static final long MS_NOEXEC = 0x8;
  public static final long MS_REMOUNT = 0x20;
  public static final long MS_NOATIME = 0x400;
  public static final long MS_BIND = 0x1000;
  public static final long MS_MOVE = 0x2000;
  public static final long MS_REC = 0x4000;
  public static final long MS_UNBINDABLE = 0x20000;
  public static final long MS_PRIVATE = 0x40000;
  public static final long MS_SLAVE = 0x80000;
  public static final long MS_SHARED = 0x100000;

  /** Flags of umount2(2). */
  public static final int MNT_FORCE = 0x1;

  public static final int MNT_DETACH = 0x2;
  public static final int UMOUNT_NOFOLLOW = 0x8;

  static final int FSOPEN_CLOEXEC = 0x1;
  static final int FSMOUNT_CLOEXEC = 0x1;
  static final int FSCONFIG_SET_FLAG = 0;
  static final int FSCONFIG_SET_STRING = 1;
  static final int FSCONFIG_SET_FD = 5;
  static final int FSCONFIG_CMD_CREATE = 6;
  static final int FSCONFIG_CMD_RECONFIGURE = 7;
  static final int OPEN_TREE_CLONE = 0x1;
  static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
  static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

  /** sizeof(struct mount_attr): attr_set, attr_clr, propagation, userns_fd. */
  static final int MOUNT_ATTR_SIZE = 32;

  private MountApi() {}
}

package dev.pinnace.linux.plan;

import dev.pinnace.linux.Kernel;
import java.util.ArrayList;
import java.util.List;

/** Constants of kernel headers that plans use, for the architecture of this JVM. */
public final class Constants {
  private static final List<Named> ALL = new ArrayList<>();

  // openat2(2), openat(2): fcntl.h, linux/openat2.h
  public static final Named AT_FDCWD = named("AT_FDCWD", -100);
  public static final Named O_RDONLY = named("O_RDONLY", 0);
  public static final Named O_WRONLY = named("O_WRONLY", 1);
  public static final Named O_RDWR = named("O_RDWR", 2);
  public static final Named O_PATH = named("O_PATH", 0x200000);
  public static final Named O_DIRECTORY = named("O_DIRECTORY", arm() ? 0x4000 : 0x10000);
  public static final Named O_CLOEXEC = named("O_CLOEXEC", 0x80000);
  public static final Named O_NOFOLLOW = named("O_NOFOLLOW", arm() ? 0x8000 : 0x20000);
  public static final Named O_NOCTTY = named("O_NOCTTY", 0x100);
  public static final Named RESOLVE_IN_ROOT = named("RESOLVE_IN_ROOT", 0x10);
  public static final Named RESOLVE_BENEATH = named("RESOLVE_BENEATH", 8);
  public static final Named RESOLVE_NO_XDEV = named("RESOLVE_NO_XDEV", 1);
  public static final Named RESOLVE_NO_SYMLINKS = named("RESOLVE_NO_SYMLINKS", 4);
  public static final Named RESOLVE_NO_MAGICLINKS = named("RESOLVE_NO_MAGICLINKS", 2);
  public static final Named AT_EMPTY_PATH = named("AT_EMPTY_PATH", 0x1000);
  public static final Named AT_RECURSIVE = named("AT_RECURSIVE", 0x8000);
  public static final Named AT_SYMLINK_NOFOLLOW = named("AT_SYMLINK_NOFOLLOW", 0x100);
  public static final Named STATX_TYPE = named("STATX_TYPE", 1);
  public static final Named STATX_BASIC_STATS = named("STATX_BASIC_STATS", 0x7ff);

  // mount(2), fsopen(2): linux/mount.h, sys/mount.h
  public static final Named MS_RDONLY = named("MS_RDONLY", 1);
  public static final Named MS_NOSUID = named("MS_NOSUID", 2);
  public static final Named MS_NODEV = named("MS_NODEV", 4);
  public static final Named MS_NOEXEC = named("MS_NOEXEC", 8);
  public static final Named MS_BIND = named("MS_BIND", 0x1000);
  public static final Named MS_REC = named("MS_REC", 0x4000);
  public static final Named MS_PRIVATE = named("MS_PRIVATE", 0x40000);
  public static final Named MS_UNBINDABLE = named("MS_UNBINDABLE", 0x20000);
  public static final Named MS_SLAVE = named("MS_SLAVE", 0x80000);
  public static final Named MS_SHARED = named("MS_SHARED", 0x100000);
  public static final Named MNT_DETACH = named("MNT_DETACH", 2);
  public static final Named FSOPEN_CLOEXEC = named("FSOPEN_CLOEXEC", 1);
  public static final Named FSCONFIG_SET_FLAG = named("FSCONFIG_SET_FLAG", 0);
  public static final Named FSCONFIG_SET_STRING = named("FSCONFIG_SET_STRING", 1);
  public static final Named FSCONFIG_CMD_CREATE = named("FSCONFIG_CMD_CREATE", 6);
  public static final Named FSMOUNT_CLOEXEC = named("FSMOUNT_CLOEXEC", 1);
  public static final Named MOUNT_ATTR_RDONLY = named("MOUNT_ATTR_RDONLY", 1);
  public static final Named MOUNT_ATTR_NOSUID = named("MOUNT_ATTR_NOSUID", 2);
  public static final Named MOUNT_ATTR_NODEV = named("MOUNT_ATTR_NODEV", 4);
  public static final Named MOUNT_ATTR_NOEXEC = named("MOUNT_ATTR_NOEXEC", 8);
  public static final Named MOUNT_ATTR_IDMAP = named("MOUNT_ATTR_IDMAP", 0x100000);
  public static final Named MOVE_MOUNT_F_EMPTY_PATH = named("MOVE_MOUNT_F_EMPTY_PATH", 4);
  public static final Named MOVE_MOUNT_T_EMPTY_PATH = named("MOVE_MOUNT_T_EMPTY_PATH", 0x40);
  public static final Named OPEN_TREE_CLONE = named("OPEN_TREE_CLONE", 1);
  public static final Named OPEN_TREE_CLOEXEC = named("OPEN_TREE_CLOEXEC", 0x80000);

  // clone3(2), setns(2): linux/sched.h
  public static final Named CLONE_NEWTIME = named("CLONE_NEWTIME", 0x80);
  public static final Named CLONE_NEWNS = named("CLONE_NEWNS", 0x20000);
  public static final Named CLONE_NEWCGROUP = named("CLONE_NEWCGROUP", 0x2000000);
  public static final Named CLONE_NEWUTS = named("CLONE_NEWUTS", 0x4000000);
  public static final Named CLONE_NEWIPC = named("CLONE_NEWIPC", 0x8000000);
  public static final Named CLONE_NEWUSER = named("CLONE_NEWUSER", 0x10000000);
  public static final Named CLONE_NEWPID = named("CLONE_NEWPID", 0x20000000);
  public static final Named CLONE_NEWNET = named("CLONE_NEWNET", 0x40000000);

  // prctl(2): linux/prctl.h
  public static final Named PR_SET_PDEATHSIG = named("PR_SET_PDEATHSIG", 1);
  public static final Named PR_SET_DUMPABLE = named("PR_SET_DUMPABLE", 4);
  public static final Named PR_SET_KEEPCAPS = named("PR_SET_KEEPCAPS", 8);
  public static final Named PR_CAPBSET_DROP = named("PR_CAPBSET_DROP", 0x18);
  public static final Named PR_SET_NO_NEW_PRIVS = named("PR_SET_NO_NEW_PRIVS", 0x26);
  public static final Named PR_CAP_AMBIENT = named("PR_CAP_AMBIENT", 0x2f);
  public static final Named PR_CAP_AMBIENT_RAISE = named("PR_CAP_AMBIENT_RAISE", 2);
  public static final Named PR_CAP_AMBIENT_CLEAR_ALL = named("PR_CAP_AMBIENT_CLEAR_ALL", 4);

  // keyctl(2): linux/keyctl.h
  public static final Named KEYCTL_JOIN_SESSION_KEYRING = named("KEYCTL_JOIN_SESSION_KEYRING", 1);

  // statfs(2): linux/magic.h
  public static final Named PROC_SUPER_MAGIC = named("PROC_SUPER_MAGIC", 0x9fa0);
  public static final Named CGROUP2_SUPER_MAGIC = named("CGROUP2_SUPER_MAGIC", 0x63677270);
  public static final Named TMPFS_MAGIC = named("TMPFS_MAGIC", 0x1021994);
  public static final Named SYSFS_MAGIC = named("SYSFS_MAGIC", 0x62656572);
  public static final Named DEVPTS_SUPER_MAGIC = named("DEVPTS_SUPER_MAGIC", 0x1cd1);

  // mknod(2): linux/stat.h
  public static final Named S_IFCHR = named("S_IFCHR", 0x2000);
  public static final Named S_IFBLK = named("S_IFBLK", 0x6000);
  public static final Named S_IFREG = named("S_IFREG", 0x8000);
  public static final Named S_IFIFO = named("S_IFIFO", 0x1000);

  // netdevice(7), ioctl(2): linux/sockios.h, asm-generic/ioctls.h
  public static final Named SIOCSIFFLAGS = named("SIOCSIFFLAGS", 0x8914);
  public static final Named TIOCSCTTY = named("TIOCSCTTY", 0x540e);
  public static final Named TIOCSWINSZ = named("TIOCSWINSZ", 0x5414);
  public static final Named TIOCSPTLCK = named("TIOCSPTLCK", 0x40045431);
  public static final Named TIOCGPTPEER = named("TIOCGPTPEER", 0x5441);
  public static final Named AF_INET = named("AF_INET", 2);
  public static final Named SOCK_DGRAM = named("SOCK_DGRAM", 2);
  public static final Named SOCK_CLOEXEC = named("SOCK_CLOEXEC", 0x80000);

  // close_range(2): linux/close_range.h
  public static final Named CLOSE_RANGE_CLOEXEC = named("CLOSE_RANGE_CLOEXEC", 4);

  // signal(7)
  public static final Named SIGKILL = named("SIGKILL", 9);

  // seccomp(2): linux/seccomp.h
  public static final Named SECCOMP_FILTER_FLAG_LOG = named("SECCOMP_FILTER_FLAG_LOG", 2);
  public static final Named SECCOMP_FILTER_FLAG_SPEC_ALLOW =
      named("SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4);

  /** No constant: 0. */
  public static final Named ANY = new Named("any", 0);

  private Constants() {}

  private static boolean arm() {
    return Kernel.architecture() == Kernel.Architecture.AARCH64;
  }

  private static Named named(String name, long value) {
    Named constant = new Named(name, value);
    ALL.add(constant);
    return constant;
  }

  /** All of them, for the comparison with the C headers. */
  public static List<Named> all() {
    return List.copyOf(ALL);
  }
}

package dev.pinnace.linux.file;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.Map;
import java.util.Set;

/**
 * The file system that a file is on (statfs(2)).
 *
 * @param magic the superblock's magic number, linux/magic.h
 * @param name the type's name as /proc/filesystems has it, {@code 0x...} if not known here
 * @param blockSize bytes per block
 * @param blocks blocks in all
 * @param available blocks that an unprivileged user may still take
 * @param flags mount flags, ST_* of statfs(2)
 */
public record FileSystemInfo(
    long magic, String name, long blockSize, long blocks, long available, long flags) {
  public static final long EXT4 = 0xEF53;
  public static final long XFS = 0x58465342;
  public static final long BTRFS = 0x9123683EL;
  public static final long TMPFS = 0x01021994;
  public static final long OVERLAYFS = 0x794C7630;
  public static final long NFS = 0x6969;
  public static final long V9FS = 0x01021997;
  public static final long FUSE = 0x65735546;
  public static final long F2FS = 0xF2F52010L;
  public static final long ZFS = 0x2FC12FC1;
  public static final long CIFS = 0xFF534D42L;
  public static final long SMB2 = 0xFE534D42L;
  public static final long EROFS = 0xE0F5E1E2L;
  public static final long SQUASHFS = 0x73717368;
  public static final long RAMFS = 0x858458F6L;
  public static final long PROC = 0x9FA0;
  public static final long SYSFS = 0x62656572;
  public static final long CGROUP2 = 0x63677270;
  public static final long CGROUP = 0x27E0EB;
  public static final long DEVPTS = 0x1CD1;
  public static final long MQUEUE = 0x19800202;
  public static final long NSFS = 0x6E736673;
  public static final long DEBUGFS = 0x64626720;
  public static final long TRACEFS = 0x74726163;
  public static final long SECURITYFS = 0x73636673;
  public static final long BPF = 0xCAFE4A11L;
  public static final long BINFMT = 0x42494E4D;
  public static final long EFIVARS = 0xDE5E81E4L;
  public static final long CONFIGFS = 0x62656570;
  public static final long PSTORE = 0x6165676C;
  public static final long SELINUX = 0xF97CFF8CL;

  /** sizeof(struct statfs) on 64-bit architectures. */
  private static final int SIZE = 120;

  private static final int F_TYPE = 0;
  private static final int F_BSIZE = 8;
  private static final int F_BLOCKS = 16;
  private static final int F_BAVAIL = 32;
  private static final int F_FLAGS = 80;

  /** Those of which the kernel makes up what is in them when it is looked at. */
  private static final Set<Long> PSEUDO =
      Set.of(
          PROC,
          SYSFS,
          CGROUP,
          CGROUP2,
          DEVPTS,
          MQUEUE,
          NSFS,
          DEBUGFS,
          TRACEFS,
          SECURITYFS,
          BPF,
          BINFMT,
          EFIVARS,
          CONFIGFS,
          PSTORE,
          SELINUX);

  /** Whether nothing is stored there: the kernel makes it up when it is looked at, as proc(5). */
  public boolean isPseudo() {
    return PSEUDO.contains(magic);
  }

  /** Asks about the file system of {@code fd}, which may be O_PATH. */
  public static FileSystemInfo of(Fd fd) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(SIZE);
      Sys.FSTATFS.on(fd.toString(), fd.number(), scratch.address(at));
      long magic = scratch.memory().getLong(at + F_TYPE) & 0xFFFFFFFFL;
      return new FileSystemInfo(
          magic,
          nameOf(magic),
          scratch.memory().getLong(at + F_BSIZE),
          scratch.memory().getLong(at + F_BLOCKS),
          scratch.memory().getLong(at + F_BAVAIL),
          scratch.memory().getLong(at + F_FLAGS));
    }
  }

  /** Asks about the file system of {@code dir}. */
  public static FileSystemInfo of(Dir dir) {
    return of(dir.fd());
  }

  private static String nameOf(long magic) {
    String name = NAMES.get(magic);
    return name != null ? name : "0x" + Long.toHexString(magic);
  }

  private static final Map<Long, String> NAMES =
      Map.ofEntries(
          Map.entry(EXT4, "ext4"),
          Map.entry(XFS, "xfs"),
          Map.entry(BTRFS, "btrfs"),
          Map.entry(TMPFS, "tmpfs"),
          Map.entry(OVERLAYFS, "overlay"),
          Map.entry(NFS, "nfs"),
          Map.entry(V9FS, "9p"),
          Map.entry(FUSE, "fuse"),
          Map.entry(F2FS, "f2fs"),
          Map.entry(ZFS, "zfs"),
          Map.entry(CIFS, "cifs"),
          Map.entry(SMB2, "smb3"),
          Map.entry(EROFS, "erofs"),
          Map.entry(SQUASHFS, "squashfs"),
          Map.entry(RAMFS, "ramfs"),
          Map.entry(PROC, "proc"),
          Map.entry(SYSFS, "sysfs"),
          Map.entry(CGROUP2, "cgroup2"),
          Map.entry(CGROUP, "cgroup"),
          Map.entry(DEVPTS, "devpts"),
          Map.entry(MQUEUE, "mqueue"),
          Map.entry(NSFS, "nsfs"),
          Map.entry(DEBUGFS, "debugfs"),
          Map.entry(TRACEFS, "tracefs"),
          Map.entry(SECURITYFS, "securityfs"),
          Map.entry(BPF, "bpf"),
          Map.entry(BINFMT, "binfmt_misc"),
          Map.entry(EFIVARS, "efivarfs"),
          Map.entry(CONFIGFS, "configfs"),
          Map.entry(PSTORE, "pstore"),
          Map.entry(SELINUX, "selinuxfs"));
}

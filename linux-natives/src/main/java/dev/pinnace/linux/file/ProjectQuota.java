package dev.pinnace.linux.file;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;

/**
 * Quotas of projects: how much all files together may take that bear one number (quotactl_fd(2),
 * Linux 5.14; ioctl_xfs_fsgetxattr(2)). Changing them needs CAP_SYS_ADMIN of the host.
 */
public final class ProjectQuota {
  // linux/fs.h
  private static final long FS_IOC_FSGETXATTR = 0x801C581FL;
  private static final int FS_IOC_FSSETXATTR = 0x401C5820;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;
  private static final int FSXATTR_SIZE = 28;
  private static final int FSX_XFLAGS = 0;
  private static final int FSX_PROJID = 12;

  // linux/quota.h
  private static final int PRJQUOTA = 2;
  private static final int Q_GETQUOTA = 0x800007;
  private static final int Q_SETQUOTA = 0x800008;
  private static final int QIF_BLIMITS = 1;
  private static final int QIF_DQBLKSIZE = 1024;
  private static final int DQBLK_SIZE = 72;
  private static final int DQB_BHARDLIMIT = 0;
  private static final int DQB_BSOFTLIMIT = 8;
  private static final int DQB_CURSPACE = 16;
  private static final int DQB_CURINODES = 40;
  private static final int DQB_VALID = 64;

  // linux/dqblk_xfs.h
  private static final int Q_XGETQSTAT = 0x5805;
  private static final int FS_QUOTA_PDQ_ENFD = 0x20;
  private static final int QSTAT_SIZE = 80;
  private static final int QS_FLAGS = 2;

  private ProjectQuota() {}

  /**
   * What a project has.
   *
   * @param bytes that its files take
   * @param inodes that they are
   * @param limit of the bytes; 0 for none
   */
  public record Usage(long bytes, long inodes, long limit) {}

  /** Whether the kernel knows the call by which descriptors are asked: Linux 5.14. */
  public static boolean isKnown() {
    return Sys.QUOTACTL_FD.attempt(-1, 0, 0, 0, 0, 0) == -Errno.EBADF;
  }

  /** Whether the file system of {@code file} holds projects to their limits. */
  public static boolean isEnforced(Fd file) {
    try (Scratch scratch = Scratch.borrow()) {
      int stat = scratch.reserve(QSTAT_SIZE);
      scratch.memory().putShort(stat + QS_FLAGS, (short) 0);
      long answer =
          Sys.QUOTACTL_FD.attempt(
              file.number(), command(Q_XGETQSTAT), 0, scratch.address(stat), 0, 0);
      return answer == 0 && (scratch.memory().getShort(stat + QS_FLAGS) & FS_QUOTA_PDQ_ENFD) != 0;
    }
  }

  /**
   * The project of a file; 0, which is everybody's, too where the file system has no projects.
   *
   * @param file not {@code O_PATH}
   */
  public static int projectOf(Fd file) {
    return attribute(file, FSX_PROJID);
  }

  /**
   * Whether what is made in a directory gets its project, and nothing of another may come in.
   *
   * @param directory not {@code O_PATH}
   */
  public static boolean isInherited(Fd directory) {
    return (attribute(directory, FSX_XFLAGS) & FS_XFLAG_PROJINHERIT) != 0;
  }

  private static int attribute(Fd file, int field) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(FSXATTR_SIZE);
      long answer =
          Sys.IOCTL.attempt(file.number(), FS_IOC_FSGETXATTR, scratch.address(at), 0, 0, 0);
      if (answer == -Errno.ENOTTY || answer == -Errno.ENOTSUP) {
        return 0;
      }
      checked(Sys.IOCTL, answer, file);
      return scratch.memory().getInt(at + field);
    }
  }

  /**
   * Gives a file to a project.
   *
   * @param file not {@code O_PATH}
   * @param inherited for a directory: whether what is made in it belongs there too
   */
  public static void assign(Fd file, int project, boolean inherited) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(FSXATTR_SIZE);
      Sys.IOCTL.on(file.toString(), file.number(), FS_IOC_FSGETXATTR, scratch.address(at));
      int flags = scratch.memory().getInt(at + FSX_XFLAGS) & ~FS_XFLAG_PROJINHERIT;
      scratch
          .memory()
          .putInt(at + FSX_XFLAGS, inherited ? flags | FS_XFLAG_PROJINHERIT : flags)
          .putInt(at + FSX_PROJID, project);
      Sys.IOCTL.on(file.toString(), file.number(), FS_IOC_FSSETXATTR, scratch.address(at));
    }
  }

  /** What a project of the file system of {@code file} has; zeros for one that nobody has used. */
  public static Usage usage(Fd file, int project) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(DQBLK_SIZE);
      long answer =
          Sys.QUOTACTL_FD.attempt(
              file.number(), command(Q_GETQUOTA), project, scratch.address(at), 0, 0);
      if (answer == -Errno.ENOENT) { // as xfs says it
        return new Usage(0, 0, 0);
      }
      checked(Sys.QUOTACTL_FD, answer, file);
      return new Usage(
          scratch.memory().getLong(at + DQB_CURSPACE),
          scratch.memory().getLong(at + DQB_CURINODES),
          scratch.memory().getLong(at + DQB_BHARDLIMIT) * QIF_DQBLKSIZE);
    }
  }

  /**
   * Sets how many bytes a project may take, rounded up to the next 1,024.
   *
   * @param bytes 0 for no limit: with that the file system forgets a project without files
   */
  public static void limit(Fd file, int project, long bytes) {
    long blocks = bytes / QIF_DQBLKSIZE + (bytes % QIF_DQBLKSIZE == 0 ? 0 : 1);
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(DQBLK_SIZE);
      for (int word = 0; word < DQBLK_SIZE; word += Long.BYTES) {
        scratch.memory().putLong(at + word, 0);
      }
      scratch
          .memory()
          .putLong(at + DQB_BHARDLIMIT, blocks)
          .putLong(at + DQB_BSOFTLIMIT, 0)
          .putInt(at + DQB_VALID, QIF_BLIMITS);
      Sys.QUOTACTL_FD.on(
          file + ", project " + project,
          file.number(),
          command(Q_SETQUOTA),
          project,
          scratch.address(at));
    }
  }

  private static long command(int subcommand) {
    return (((long) subcommand << 8) | PRJQUOTA) & 0xFFFFFFFFL;
  }

  private static void checked(Sys call, long answer, Fd file) {
    if (answer < 0) {
      throw new ErrnoException(call.call(), (int) -answer, file.toString());
    }
  }
}

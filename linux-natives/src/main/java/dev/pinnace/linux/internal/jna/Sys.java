package dev.pinnace.linux.internal.jna;

import com.sun.jna.LastErrorException;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Kernel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The system calls that Java itself makes, with their numbers on x86_64 and aarch64. */
public enum Sys {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  PREAD64(17, 67),
  PWRITE64(18, 68),
  FSTAT(5, 80),
  SETRESUID(117, 147),
  FTRUNCATE(77, 46),
  FALLOCATE(285, 47),
  FSYNC(74, 82),
  FDATASYNC(75, 83),
  IOCTL(16, 29),
  FCNTL(72, 25),
  DUP3(292, 24),
  PIPE2(293, 59),
  SOCKET(41, 198),
  SOCKETPAIR(53, 199),
  BIND(49, 200),
  LISTEN(50, 201),
  ACCEPT4(288, 242),
  CONNECT(42, 203),
  SENDMSG(46, 211),
  RECVMSG(47, 212),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  GETSOCKNAME(51, 204),
  GETSOCKOPT(55, 209),
  SETSOCKOPT(54, 208),
  SHUTDOWN(48, 210),
  OPENAT(257, 56),
  OPENAT2(437, 437),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  UNLINKAT(263, 35),
  RENAMEAT2(316, 276),
  LINKAT(265, 37),
  SYMLINKAT(266, 36),
  READLINKAT(267, 78),
  FCHMODAT(268, 53),
  FCHMOD(91, 52),
  FCHOWN(93, 55),
  FCHOWNAT(260, 54),
  UTIMENSAT(280, 88),
  STATX(332, 291),
  FSTATFS(138, 44),
  SYNCFS(306, 267),
  GETDENTS64(217, 61),
  SETXATTR(188, 5),
  FSETXATTR(190, 7),
  FGETXATTR(193, 10),
  FLISTXATTR(196, 13),
  FREMOVEXATTR(199, 16),
  LSETXATTR(189, 6),
  LGETXATTR(192, 9),
  LLISTXATTR(195, 12),
  LREMOVEXATTR(198, 15),
  COPY_FILE_RANGE(326, 285),
  MEMFD_CREATE(319, 279),
  EPOLL_CREATE1(291, 20),
  EPOLL_CTL(233, 21),
  EPOLL_PWAIT(281, 22),
  EVENTFD2(290, 19),
  PIDFD_OPEN(434, 434),
  PIDFD_SEND_SIGNAL(424, 424),
  WAITID(247, 95),
  KILL(62, 129),
  GETPID(39, 172),
  GETTID(186, 178),
  UNSHARE(272, 97),
  SETNS(308, 268),
  PRCTL(157, 167),
  CAPGET(125, 90),
  CAPSET(126, 91),
  PRLIMIT64(302, 261),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  MOVE_MOUNT(429, 429),
  OPEN_TREE(428, 428),
  MOUNT_SETATTR(442, 442),
  SECCOMP(317, 277),
  GETRANDOM(318, 278),
  BPF(321, 280),
  UMASK(95, 166),
  PIVOT_ROOT(155, 41),
  CHDIR(80, 49),
  FCHDIR(81, 50),
  CLOSE_RANGE(436, 436),
  SETHOSTNAME(170, 161),
  SETDOMAINNAME(171, 162),
  SETSID(112, 157),
  SETGROUPS(116, 159),
  SETRESGID(119, 149),
  KEYCTL(250, 219),
  GETCWD(79, 17),
  CHROOT(161, 51),
  QUOTACTL_FD(443, 443);

  private static final int EINTR = 4;

  private static final Map<String, Sys> BY_CALL =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Sys::call, sys -> sys));

  private final int x86;
  private final int arm;
  private final String call;

  Sys(int x86, int arm) {
    this.x86 = x86;
    this.arm = arm;
    this.call = name().toLowerCase(Locale.ROOT);
  }

  /** The number on the architecture that runs this JVM. */
  public int number() {
    return Kernel.architecture() == Kernel.Architecture.X86_64 ? x86 : arm;
  }

  /**
   * The call of that name in the manual.
   *
   * @throws IllegalArgumentException if it is not listed here
   */
  public static Sys named(String call) {
    Sys known = BY_CALL.get(call);
    if (known == null) {
      throw new IllegalArgumentException("the system call " + call + " has no number here");
    }
    return known;
  }

  /** The name as the manual has it. */
  public String call() {
    return call;
  }

  /**
   * Makes the call, again after EINTR.
   *
   * @param described the arguments as an error message shows them
   * @throws ErrnoException with the call's name when the kernel refuses
   */
  public long on(String described, long a, long b, long c, long d, long e, long f) {
    while (true) {
      try {
        return Libc.syscall(number(), a, b, c, d, e, f);
      } catch (LastErrorException refusal) {
        if (refusal.getErrorCode() != EINTR || this == CLOSE) {
          throw new ErrnoException(call(), refusal.getErrorCode(), described);
        }
      }
    }
  }

  /**
   * Makes the call, again after EINTR, where a refusal is an expected answer: the result, or the
   * negated errno.
   */
  public long attempt(long a, long b, long c, long d, long e, long f) {
    while (true) {
      try {
        return Libc.syscall(number(), a, b, c, d, e, f);
      } catch (LastErrorException refusal) {
        if (refusal.getErrorCode() != EINTR || this == CLOSE) {
          return -refusal.getErrorCode();
        }
      }
    }
  }

  public long on(String described, long a, long b, long c, long d, long e) {
    return on(described, a, b, c, d, e, 0);
  }

  public long on(String described, long a, long b, long c, long d) {
    return on(described, a, b, c, d, 0, 0);
  }

  public long on(String described, long a, long b, long c) {
    return on(described, a, b, c, 0, 0, 0);
  }

  public long on(String described, long a, long b) {
    return on(described, a, b, 0, 0, 0, 0);
  }

  public long on(String described, long a) {
    return on(described, a, 0, 0, 0, 0, 0);
  }
}

package dev.pinnace.linux.seccomp;

import dev.pinnace.linux.Errno;

/**
 * What the kernel does with a call, as a filter returns it ({@code SECCOMP_RET_*}, seccomp(2)).
 *
 * @param value the returned word: the action above, its data in the low 16 bits
 */
public record SeccompAction(int value) {
  /** The call is made. */
  public static final SeccompAction ALLOW = new SeccompAction(0x7FFF0000);

  /** The call is made and logged. */
  public static final SeccompAction LOG = new SeccompAction(0x7FFC0000);

  /** The thread gets SIGSYS, which it may handle. */
  public static final SeccompAction TRAP = new SeccompAction(0x00030000);

  /** The thread is killed. */
  public static final SeccompAction KILL_THREAD = new SeccompAction(0);

  /** The whole process is killed, with a core where cores are written. */
  public static final SeccompAction KILL_PROCESS = new SeccompAction(0x80000000);

  private static final int ERRNO = 0x00050000;
  private static final int TRACE = 0x7FF00000;
  private static final int MAX_ERRNO = 4095;

  /**
   * The call fails with the error.
   *
   * @throws IllegalArgumentException unless {@code errno} is 0 to 4095, the kernel's MAX_ERRNO
   */
  public static SeccompAction errno(int errno) {
    if (errno < 0 || errno > MAX_ERRNO) {
      throw new IllegalArgumentException("errno " + errno + " is not within 0 to " + MAX_ERRNO);
    }
    return new SeccompAction(ERRNO | errno);
  }

  /**
   * A tracer is told, with the data; without a tracer the call fails with ENOSYS.
   *
   * @throws IllegalArgumentException unless {@code data} has 16 bits
   */
  public static SeccompAction trace(int data) {
    if (data < 0 || data > 0xFFFF) {
      throw new IllegalArgumentException("trace data " + data + " is not within 0 to 65535");
    }
    return new SeccompAction(TRACE | data);
  }

  /** Whether the call is made without anybody's help: ALLOW or LOG. */
  public boolean permits() {
    return equals(ALLOW) || equals(LOG);
  }

  @Override
  public String toString() {
    int data = value & 0xFFFF;
    return switch (value & 0xFFFF0000) {
      case 0x7FFF0000 -> "allow";
      case 0x7FFC0000 -> "log";
      case 0x00030000 -> "trap";
      case 0 -> "kill thread";
      case 0x80000000 -> "kill process";
      case ERRNO -> "errno " + Errno.name(data);
      case TRACE -> "trace " + data;
      default -> String.format("0x%08x", value);
    };
  }
}

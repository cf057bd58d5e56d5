package dev.pinnace.linux;

/**
 * A system call that the kernel refused: which call, on what, with which errno. The message reads
 * {@code openat2(etc/passwd): ENOENT (no such file or directory)}.
 */
public final class ErrnoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;
  private final String arguments;

  public ErrnoException(String call, int errno, String arguments) {
    super(call + "(" + arguments + "): " + Errno.describe(errno));
    this.call = call;
    this.errno = errno;
    this.arguments = arguments;
  }

  /** The system call's name, as the manual has it. */
  public String call() {
    return call;
  }

  /** The error's number, one of {@link Errno}'s constants. */
  public int errno() {
    return errno;
  }

  /** The error's symbolic name, {@code ENOENT}. */
  public String errnoName() {
    return Errno.name(errno);
  }

  /** What the call was made on. */
  public String arguments() {
    return arguments;
  }

  /** Whether the error is one of {@code errnos}. */
  public boolean is(int... errnos) {
    for (int candidate : errnos) {
      if (candidate == errno) {
        return true;
      }
    }
    return false;
  }
}

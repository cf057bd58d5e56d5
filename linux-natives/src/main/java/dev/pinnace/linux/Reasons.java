package dev.pinnace.linux;

import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;

/** What failures of the JDK say, with the errno's name that it leaves out. */
public final class Reasons {
  private Reasons() {}

  /** Why {@code failure} was: {@code /proc/self/status: EMFILE (too many open files)}. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof UncheckedIOException outer) {
      Throwable cause = Objects.requireNonNull(outer.getCause());
      String inner = of(cause);
      boolean bare = message == null || message.equals(cause.toString());
      return bare ? inner : message + ": " + inner;
    }
    if (failure instanceof FileSystemException refusal) {
      int errno = errno(refusal);
      return errno == 0 ? refusal.toString() : refusal.getFile() + ": " + Errno.describe(errno);
    }
    return message == null ? failure.toString() : message;
  }

  /** Whether it was that this process may open no further file. */
  public static boolean isTooManyFiles(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (errno(cause) == Errno.EMFILE) {
        return true;
      }
    }
    return false;
  }

  /** Whether it was want of files or memory, of this process or the host: that may pass. */
  public static boolean isShortage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      int errno = errno(cause);
      if (errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM) {
        return true;
      }
    }
    return false;
  }

  /** What to do about it, with its own punctuation; empty where experience tells nothing. */
  public static String hint(Throwable failure) {
    if (isTooManyFiles(failure)) {
      return "; raise the limit of open files of this process (ulimit -n)";
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ErrnoException call
          && call.is(Errno.EAGAIN)
          && call.call().equals("posix_spawn")) {
        return "; its user has as many processes and threads as it may: raise that limit (ulimit -u)";
      }
      if (errno(cause) == Errno.ENOSPC || errno(cause) == Errno.EDQUOT) {
        return "; make room on that file system";
      }
    }
    return "";
  }

  private static int errno(Throwable failure) {
    if (failure instanceof ErrnoException refusal) {
      return refusal.errno();
    }
    return failure instanceof FileSystemException refusal && refusal.getReason() != null
        ? Errno.ofText(refusal.getReason())
        : 0;
  }
}

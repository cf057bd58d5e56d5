package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.linux.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;

/** What the JDK makes of the kernel's refusals: their text is all that tells them apart. */
public final class CgroupErrors {
  private CgroupErrors() {}

  static String reason(Exception e) {
    Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
    if (cause instanceof FileSystemException file) {
      return file.getFile() + ": " + reason(file);
    }
    return cause instanceof IOException && cause.getMessage() != null
        ? cause.getMessage()
        : String.valueOf(cause);
  }

  /** The JDK has classes of its own for some errors, which then have no text. */
  private static String reason(FileSystemException refused) {
    if (refused instanceof AccessDeniedException) {
      return Errno.describe(Errno.EACCES);
    }
    if (refused instanceof NoSuchFileException) {
      return Errno.describe(Errno.ENOENT);
    }
    if (refused instanceof FileAlreadyExistsException) {
      return Errno.describe(Errno.EEXIST);
    }
    String text = refused.getReason();
    return text == null ? refused.getClass().getSimpleName() : text;
  }

  /** EBUSY. */
  static boolean isBusy(IOException refused) {
    return String.valueOf(refused.getMessage()).contains("busy");
  }

  /** EINVAL, ERANGE, EOVERFLOW, ENODEV or ENXIO: what was written cannot be meant. */
  static boolean isOfTheValue(IOException refused) {
    String text = String.valueOf(refused.getMessage());
    return Stream.of(
            "Invalid argument",
            "Numerical result out of range",
            "Value too large",
            "No such device")
        .anyMatch(text::contains);
  }

  /** EOPNOTSUPP: a threaded cgroup, whose processes are those of the one above. */
  static boolean isThreaded(IOException refused) {
    return String.valueOf(refused.getMessage()).contains("not supported");
  }

  /** The cgroup is not there, or (ENODEV) was removed after the file in it was opened. */
  public static boolean isGone(IOException refused) {
    return refused instanceof NoSuchFileException
        || String.valueOf(refused.getMessage()).contains("No such device");
  }
}

package dev.pinnace.internal.isolation.linux.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;

/** What the JDK makes of the kernel's refusals: their text is all that tells them apart. */
public final class CgroupErrors {
  private CgroupErrors() {}

  static String reason(Exception e) {
    Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
    if (cause instanceof FileSystemException file) {
      String text = file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
      return file.getFile() + ": " + text;
    }
    return String.valueOf(cause);
  }

  /** EBUSY. */
  static boolean isBusy(IOException refused) {
    return String.valueOf(refused.getMessage()).contains("busy");
  }

  /** The cgroup is not there, or (ENODEV) was removed after the file in it was opened. */
  public static boolean isGone(IOException refused) {
    return refused instanceof java.nio.file.NoSuchFileException
        || String.valueOf(refused.getMessage()).contains("No such device");
  }
}

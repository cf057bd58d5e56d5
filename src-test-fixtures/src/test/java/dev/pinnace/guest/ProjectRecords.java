package dev.pinnace.guest;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.ProjectQuota;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What the file system has written of projects: Q_GETNEXTQUOTA of quotactl(2). */
public final class ProjectRecords {
  private static final long GET_NEXT = (0x800009L << 8) | 2;
  private static final int SIZE = 72;
  private static final int ID = 68;

  private ProjectRecords() {}

  /** The numbers of all projects but 0 that there is a record of. */
  public static Set<Integer> all(Path directory) {
    Set<Integer> found = new TreeSet<>();
    try (Dir dir = Dir.open(directory);
        Fd fd = dir.open(".", Fcntl.O_RDONLY, 0);
        NativeMemory record = NativeMemory.of(SIZE)) {
      for (int next = 1; ; next = record.getInt(ID) + 1) {
        long answer = Sys.QUOTACTL_FD.attempt(fd.number(), GET_NEXT, next, record.address(), 0, 0);
        if (answer == -Errno.ENOENT) {
          return found;
        }
        if (answer < 0) {
          throw new ErrnoException("quotactl_fd", (int) -answer, directory.toString());
        }
        found.add(record.getInt(ID));
      }
    }
  }

  /** Those that have a limit. */
  public static Set<Integer> limited(Path directory) {
    Set<Integer> limited = all(directory);
    try (Dir dir = Dir.open(directory);
        Fd fd = dir.open(".", Fcntl.O_RDONLY, 0)) {
      limited.removeIf(project -> ProjectQuota.usage(fd, project).limit() == 0);
    }
    return limited;
  }
}

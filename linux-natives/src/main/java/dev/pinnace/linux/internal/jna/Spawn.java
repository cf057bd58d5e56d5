package dev.pinnace.linux.internal.jna;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** posix_spawn(3) with descriptors at given numbers and an empty environment. */
public final class Spawn {
  /** Larger than posix_spawn_file_actions_t of any C library. */
  private static final int FILE_ACTIONS = 256;

  private static final int F_DUPFD_CLOEXEC = 1030;

  private static final int O_RDWR_CLOEXEC = 0x80002;
  private static final int AT_FDCWD = -100;

  private Spawn() {}

  /**
   * Starts {@code path}.
   *
   * @param descriptors numbers in the new process, and what they are to be; 0, 1 and 2 default to
   *     /dev/null
   * @return the process's number
   */
  public static int start(String path, String name, SortedMap<Integer, Fd> descriptors) {
    int free = Math.max(2, descriptors.isEmpty() ? 0 : descriptors.lastKey()) + 1;
    List<Fd> sources = new ArrayList<>();
    try (NativeMemory actions = NativeMemory.of(FILE_ACTIONS);
        NativeMemory program = NativeMemory.ofString(path);
        NativeMemory zeroth = NativeMemory.ofString(name);
        NativeMemory devNull = NativeMemory.ofString("/dev/null");
        NativeMemory arguments = NativeMemory.of(16);
        NativeMemory environment = NativeMemory.of(8);
        NativeMemory pid = NativeMemory.of(4)) {
      check(
          "posix_spawn_file_actions_init",
          Libc.posix_spawn_file_actions_init(actions.address()),
          path);
      try {
        int opened =
            (int) Sys.OPENAT.on("/dev/null", AT_FDCWD, devNull.address(), O_RDWR_CLOEXEC, 0);
        try (Fd nothing = new Fd(opened, "/dev/null")) {
          for (int standard = 0; standard <= 2; standard++) {
            if (!descriptors.containsKey(standard)) {
              duplicate(actions, nothing, standard, free, sources);
            }
          }
        }
        for (Map.Entry<Integer, Fd> entry : descriptors.entrySet()) {
          duplicate(actions, entry.getValue(), entry.getKey(), free, sources);
        }
        arguments.putLong(0, zeroth.address());
        int refusal =
            Libc.posix_spawn(
                pid.address(),
                program.address(),
                actions.address(),
                0,
                arguments.address(),
                environment.address());
        check("posix_spawn", refusal, path);
        return pid.getInt(0);
      } finally {
        check(
            "posix_spawn_file_actions_destroy",
            Libc.posix_spawn_file_actions_destroy(actions.address()),
            path);
      }
    } finally {
      sources.forEach(Fd::close);
    }
  }

  /**
   * @param free beyond all targets: no source is overwritten before it is used
   */
  private static void duplicate(
      NativeMemory actions, Fd source, int target, int free, List<Fd> sources) {
    Fd moved = copy(source, free);
    sources.add(moved);
    check(
        "posix_spawn_file_actions_adddup2",
        Libc.posix_spawn_file_actions_adddup2(actions.address(), moved.number(), target),
        source.toString());
  }

  /** EINVAL means here that no descriptor may have the number {@code from}: fcntl(2). */
  private static Fd copy(Fd source, int from) {
    long copy = Sys.FCNTL.attempt(source.number(), F_DUPFD_CLOEXEC, from, 0, 0, 0);
    if (copy < 0) {
      int errno = (int) -copy;
      throw new ErrnoException(
          "fcntl", errno == Errno.EINVAL ? Errno.EMFILE : errno, source.toString());
    }
    return new Fd((int) copy, source.toString());
  }

  private static void check(String call, int errno, String what) {
    if (errno != 0) {
      throw new ErrnoException(call, errno, what);
    }
  }
}

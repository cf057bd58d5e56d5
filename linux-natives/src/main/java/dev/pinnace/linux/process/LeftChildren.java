package dev.pinnace.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Children of this JVM that nobody waits for any more, by their numbers: neither a thread nor a
 * descriptor is kept for them, and {@link #reap} takes those that have ended. The numbers stay
 * their own until then, so all reaping that may be theirs is done under the lock of this.
 * Thread-safe.
 */
public final class LeftChildren {
  private static final int P_PID = 1;
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;

  /** Where siginfo_t has si_pid on 64-bit machines. */
  private static final int SI_PID = 16;

  /** With the times when they were started, for another copy of this class may have reaped one. */
  private static final Map<Integer, Optional<Instant>> LEFT = new HashMap<>();

  private LeftChildren() {}

  /** Has a child reaped by the first {@link #reap} after its end. */
  static void add(int pid) {
    synchronized (LEFT) {
      LEFT.put(pid, started(pid));
    }
  }

  /** The same number may be that of an entirely different process by now, with another time. */
  private static Optional<Instant> started(int pid) {
    return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
  }

  /** Reaps those that have ended; how many are left. Never waits. */
  public static int reap() {
    synchronized (LEFT) {
      LEFT.entrySet()
          .removeIf(
              child ->
                  child.getValue().isEmpty()
                      || !child.getValue().equals(started(child.getKey()))
                      || wait(P_PID, child.getKey()) != 0);
      return LEFT.size();
    }
  }

  /** Reaps a child by its pidfd: whether it had ended. */
  static boolean reap(int pidfd) {
    synchronized (LEFT) {
      long pid = wait(P_PIDFD, pidfd);
      LEFT.remove((int) pid);
      return pid > 0;
    }
  }

  /** The number of the child that was reaped; 0 if it lives, and negative if it is no child. */
  private static long wait(int kind, int id) {
    try (NativeMemory info = NativeMemory.of(128)) {
      long answer = Sys.WAITID.attempt(kind, id, info.address(), WEXITED | WNOHANG, 0, 0);
      if (answer < 0 && answer != -Errno.ECHILD) {
        throw new ErrnoException("waitid", (int) -answer, "process " + id);
      }
      return answer < 0 ? answer : info.getInt(SI_PID);
    }
  }
}

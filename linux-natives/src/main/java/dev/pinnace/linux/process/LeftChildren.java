package dev.pinnace.linux.process;

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
                      || Waitid.P_PID.of(child.getKey(), Waitid.WNOHANG) != 0);
      return LEFT.size();
    }
  }

  /** Reaps a child by its pidfd: whether it had ended. */
  static boolean reap(int pidfd) {
    synchronized (LEFT) {
      int pid = Waitid.P_PIDFD.of(pidfd, Waitid.WNOHANG);
      LEFT.remove(pid);
      return pid > 0;
    }
  }
}

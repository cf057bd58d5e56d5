package dev.pinnace.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/** Waits for children of this JVM that end (waitid(2)). */
enum Waitid {
  /** By its number, which is its own until it is reaped. */
  P_PID(1),

  /** By a pidfd. */
  P_PIDFD(3);

  static final int WNOHANG = 1;
  static final int WNOWAIT = 0x01000000;

  private static final int WEXITED = 4;

  /** Where siginfo_t has si_pid on 64-bit machines. */
  private static final int SI_PID = 16;

  private final int type;

  Waitid(int type) {
    this.type = type;
  }

  /**
   * Waits for one.
   *
   * @param options besides WEXITED
   * @return the number of the child that has ended; 0 if it lives, and negative if it is no child
   */
  int of(int id, int options) {
    try (NativeMemory info = NativeMemory.of(128)) {
      long answer = Sys.WAITID.attempt(type, id, info.address(), WEXITED | options, 0, 0);
      if (answer < 0 && answer != -Errno.ECHILD) {
        throw new ErrnoException("waitid", (int) -answer, this + " " + id);
      }
      return answer < 0 ? (int) answer : info.getInt(SI_PID);
    }
  }
}

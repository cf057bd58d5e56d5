package dev.pinnace.internal.storage;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Reasons;
import java.util.function.Supplier;

/** The edge of the storage packages: a refused system call leaves as a {@link PinnaceException}. */
public final class Attempt {
  private Attempt() {}

  /**
   * Does something.
   *
   * @param what what is attempted, to follow "cannot"
   */
  public static <T> T to(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (ErrnoException refusal) {
      String next =
          refusal.is(Errno.ENOSPC, Errno.EDQUOT)
              ? "; make room on that file system, for example by removing images"
              : Reasons.hint(refusal);
      throw new PinnaceException("cannot " + what + ": " + refusal.getMessage() + next, refusal);
    }
  }

  /** Does something that gives nothing back. */
  public static void run(String what, Runnable work) {
    Attempt.<Boolean>to(
        what,
        () -> {
          work.run();
          return true;
        });
  }
}

package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.waiting.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Freezes the processes of a cgroup and lets them go on (cgroup-v2, <i>cgroup.freeze</i>). */
public final class Freezer {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String WISH = "cgroup.freeze";

  private Freezer() {}

  /** Whether all processes are frozen; not where the cgroup is gone. */
  public static boolean isFrozen(Path group) {
    try {
      return Files.readAllLines(group.resolve("cgroup.events")).contains("frozen 1");
    } catch (IOException e) {
      if (CgroupErrors.isGone(e)) {
        return false;
      }
      throw new UncheckedIOException("cannot read the state of " + group, e);
    }
  }

  /** Whether somebody wants them frozen, be they so by now or not; not where the cgroup is gone. */
  public static boolean isToBeFrozen(Path group) {
    try {
      return Files.readString(group.resolve(WISH)).strip().equals("1");
    } catch (IOException e) {
      if (CgroupErrors.isGone(e)) {
        return false;
      }
      throw new UncheckedIOException("cannot read what is wanted of " + group, e);
    }
  }

  /**
   * Freezes or thaws, and waits until that is so. Where freezing fails nobody stays frozen.
   *
   * @param container whose cgroup it is, for messages
   * @throws ConflictException if it does not run, or somebody else wants the contrary meanwhile
   */
  public static void set(Path group, String container, boolean frozen) {
    try {
      bring(group, container, frozen);
    } catch (ConflictException overruled) {
      throw overruled;
    } catch (RuntimeException failure) {
      if (frozen) {
        Waits.undisturbed(() -> takeBack(group, failure));
      }
      throw failure;
    }
  }

  private static void takeBack(Path group, RuntimeException reason) {
    try {
      Files.writeString(group.resolve(WISH), "0");
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  private static void bring(Path group, String container, boolean frozen) {
    Path wish = group.resolve(WISH);
    String wanted = frozen ? "1" : "0";
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      Files.writeString(wish, wanted);
      for (int attempt = 0; isFrozen(group) != frozen; attempt++) {
        if (!Files.readString(wish).strip().equals(wanted)) {
          throw new ConflictException(
              "container "
                  + container
                  + " was "
                  + (frozen ? "resumed" : "paused")
                  + " by somebody else meanwhile");
        }
        if (System.nanoTime() > end) {
          throw new TimedOutException(
              "container "
                  + container
                  + " did not become "
                  + (frozen ? "frozen" : "thawed")
                  + " within "
                  + LIMIT.toSeconds()
                  + " s");
        }
        Thread.sleep(1 + attempt / 50);
      }
    } catch (IOException e) {
      if (CgroupErrors.isGone(e)) {
        throw new ConflictException("container " + container + " does not run", e);
      }
      throw new UncheckedIOException("cannot freeze " + group, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(
          "interrupted while " + (frozen ? "pausing " : "resuming ") + container, e);
    }
  }
}

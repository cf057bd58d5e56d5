package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Sets the limits of a cgroup that is in use: all of them, or none. */
public final class CgroupLimits {
  private CgroupLimits() {}

  /**
   * Has exactly these limits in force. Where one cannot be set, those before it are taken back.
   * Nothing is done where the cgroup is gone.
   *
   * @param container whose cgroup it is, for messages
   * @param wanted files and what they are to say
   * @param swapFree of this host
   * @throws UnsupportedException if the kernel has no such file
   * @throws InvalidSpecException if the kernel refuses a value
   * @throws ConflictException if there is less memory than is used: the kernel would kill
   */
  public static void set(Path group, String container, Map<String, String> wanted, Bytes swapFree) {
    Deque<LimitChange> undone = new ArrayDeque<>();
    try {
      List<LimitChange> changes = LimitChange.between(group, wanted);
      if (changes.stream().anyMatch(LimitChange::isLessMemory)) {
        MemoryNeed.of(group).check(container, wanted, swapFree);
      }
      for (LimitChange change : changes) {
        undone.push(change);
        set(group, container, change);
      }
    } catch (IOException e) {
      if (!CgroupErrors.isGone(e) || Files.exists(group)) {
        throw new UncheckedIOException("cannot read the limits of " + group, e);
      }
    } catch (RuntimeException | Error e) {
      Waits.undisturbed(() -> undone.forEach(change -> takeBack(group, change, e)));
      throw e;
    }
  }

  private static void set(Path group, String container, LimitChange change) throws IOException {
    try {
      write(group, change.file(), change.after());
    } catch (ClosedByInterruptException e) {
      throw new UncheckedIOException("setting the limits of container " + container, e);
    } catch (IOException e) {
      if (CgroupErrors.isGone(e) && !Files.exists(group)) {
        throw e;
      }
      String message =
          "cannot set %s of container %s to \"%s\": %s; its limits are what they were"
              .formatted(change.file(), container, change.after(), CgroupErrors.reason(e));
      throw CgroupErrors.isOfTheValue(e)
          ? new InvalidSpecException(message, e)
          : new PinnaceException(message, e);
    }
  }

  private static void takeBack(Path group, LimitChange change, Throwable reason) {
    try {
      write(group, change.file(), change.before());
    } catch (IOException e) {
      // What the kernel has refused to set it may refuse to take back, as of a device that is gone.
      if (!CgroupErrors.isGone(e)) {
        reason.addSuppressed(e);
      }
    }
  }

  /** Whole, in one write, to a file that is there. */
  private static void write(Path group, String file, String value) throws IOException {
    Files.writeString(group.resolve(file), value + "\n", StandardOpenOption.WRITE);
  }

  /**
   * Memory that a cgroup cannot give back.
   *
   * @param held by processes, and files that are in memory alone
   * @param anonymous of it, which can be swapped out: not what is locked, or the kernel's own
   * @param swapped already, besides
   */
  private record MemoryNeed(long held, long anonymous, long swapped) {
    private static final String[] RECLAIMABLE = {
      "inactive_file", "active_file", "slab_reclaimable"
    };
    private static final String[] ANONYMOUS = {"inactive_anon", "active_anon"};

    static MemoryNeed of(Path group) throws IOException {
      long current = number(group.resolve("memory.current"));
      String stat = Files.readString(group.resolve("memory.stat"));
      Path swap = group.resolve("memory.swap.current");
      return new MemoryNeed(
          current - sum(stat, RECLAIMABLE),
          sum(stat, ANONYMOUS),
          Files.exists(swap) ? number(swap) : 0);
    }

    private static long sum(String stat, String[] names) {
      return Stream.of(names).mapToLong(name -> CgroupUsage.field(stat, name)).sum();
    }

    private static long number(Path file) throws IOException {
      return Long.parseLong(Files.readString(file).strip());
    }

    /** Refuses limits within which the kernel would find no room but by killing. */
    void check(String container, Map<String, String> wanted, Bytes swapFree) {
      long limit = LimitChange.number(wanted.getOrDefault(LimitChange.MEMORY, LimitChange.NONE));
      long swap = LimitChange.number(wanted.getOrDefault(LimitChange.SWAP, LimitChange.NONE));
      long space = Math.min(swapFree.count(), Math.max(0, swap - swapped));
      long room = Math.min(space, anonymous);
      if (held > limit && held - limit > room) {
        throw new ConflictException(
            "container %s uses %s bytes of memory, and the kernel would kill its processes to get to"
                    .formatted(container, held)
                + " %s: give it more, or stop it first".formatted(limit));
      }
    }
  }
}

package dev.pinnace.internal.storage;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileSystemInfo;
import dev.pinnace.linux.file.ProjectQuota;
import dev.pinnace.spec.HostFeature;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Limits of what the files of a container's layer, or of a volume, take: each is a project of its
 * own, whose number is a random one that no file and no limit of the file system had before.
 * Nothing is recorded but on the directory itself, so that whoever removes a layer, or what a
 * killed process left of it, finds the limit that is to be lifted.
 */
public final class SizeLimits {
  /** Ours are the numbers from here, twice as many as others count up from one to. */
  private static final int FIRST = 1 << 30;

  private static final int ATTEMPTS = 100;

  /** What is limited, for messages. */
  static final String LAYER = "a size limit on a container's files";

  private SizeLimits() {}

  /**
   * Tries whether there can be limits, by lifting one that nothing has.
   *
   * @param root of an engine
   */
  public static HostFeature probe(Path root) {
    String name = "size limits of containers' files and volumes";
    try (Dir dir = Dir.open(root)) {
      require(dir, name);
      try (Fd directory = open(dir, ".")) {
        int project = FIRST + ThreadLocalRandom.current().nextInt(FIRST);
        if (ProjectQuota.usage(directory, project).limit() == 0) {
          ProjectQuota.limit(directory, project, 0);
        }
      } catch (ErrnoException refusal) {
        throw refused(name, refusal);
      }
      return HostFeature.works(name, "");
    } catch (UnsupportedException lack) {
      return HostFeature.missing(name, lack.reason(), lack.fix());
    }
  }

  /** May not, or cannot. */
  private static RuntimeException refused(String feature, ErrnoException refusal) {
    return refusal.is(Errno.EPERM)
        ? new UnsupportedException(
            feature,
            "this process may not set quotas: " + refusal.getMessage(),
            "run the JVM as root with CAP_SYS_ADMIN of the host")
        : refusal;
  }

  /**
   * Refuses where a limit would not hold.
   *
   * @param dir in which the layer will be
   * @throws UnsupportedException with what to do
   */
  static void require(Dir dir) {
    require(dir, LAYER);
  }

  /** The same of what {@code feature} is called. */
  public static void require(Dir dir, String feature) {
    if (!ProjectQuota.isKnown()) {
      throw new UnsupportedException(
          feature, "this kernel has no quotactl_fd", "use Linux 5.14 or later, or no limit");
    }
    try (Fd opened = open(dir, ".")) {
      if (!ProjectQuota.isEnforced(opened)) {
        throw new UnsupportedException(
            feature,
            "the file system of "
                + dir
                + " ("
                + FileSystemInfo.of(dir).name()
                + ") has no project quotas",
            "put the engine's root on xfs that is mounted with pquota, or on ext4 that was made"
                + " with \"mkfs.ext4 -O quota,project\" and is mounted with prjquota; or write to a"
                + " tmpfs, which has a size of its own");
      }
      if (ProjectQuota.isInherited(opened)) {
        throw new UnsupportedException(
            feature,
            dir
                + " belongs to project "
                + ProjectQuota.projectOf(opened)
                + " with all that is in it",
            "put the engine's root elsewhere on that file system");
      }
    }
  }

  /**
   * Makes a new directory a project of its own, before anything is in it. Two that take the same
   * number see each other, for each has its directory counted before it looks.
   *
   * @throws UnsupportedException where this process may not do that
   */
  static void begin(Dir layer) {
    begin(layer, LAYER);
  }

  /** The same of what {@code feature} is called. */
  public static void begin(Dir layer, String feature) {
    try (Fd directory = open(layer, ".")) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int project = FIRST + ThreadLocalRandom.current().nextInt(FIRST);
        ProjectQuota.assign(directory, project, true);
        ProjectQuota.Usage usage = ProjectQuota.usage(directory, project);
        if (usage.inodes() == 1 && usage.limit() == 0) {
          return;
        }
        ProjectQuota.assign(directory, 0, false);
      }
      throw new ConflictException(
          "no project of " + layer + " is free, of " + ATTEMPTS + " that were tried: try again");
    } catch (ErrnoException refusal) {
      throw refused(feature, refusal);
    }
  }

  /** From now on it may take so many bytes more than it does. */
  public static void limit(Dir layer, long bytes) {
    try (Fd directory = open(layer, ".")) {
      int project = ProjectQuota.projectOf(directory);
      long taken = ProjectQuota.usage(directory, project).bytes();
      ProjectQuota.limit(directory, project, Math.addExact(taken, bytes));
    }
  }

  /**
   * Has files count as a layer's own that are elsewhere on its file system.
   *
   * @param parent of the layer
   * @throws UnsupportedException if the limit is not enforced any more
   */
  static void include(Dir parent, String name, List<Path> files) {
    require(parent);
    try (Fd directory = open(parent, name)) {
      int project = ProjectQuota.projectOf(directory);
      if (project < FIRST) {
        throw new UnsupportedException(
            LAYER,
            parent + "/" + name + " has no project any more: it was copied or restored",
            "make the container anew");
      }
      for (Path file : files) {
        try (Dir above = Dir.open(file.resolveSibling("."));
            Fd opened = open(above, String.valueOf(file.getFileName()))) {
          ProjectQuota.assign(opened, project, false);
        }
      }
    }
  }

  /** Has what is made in a directory count as part of another, if that has a limit. */
  public static void share(Dir limited, Dir other) {
    try (Fd from = open(limited, ".");
        Fd to = open(other, ".")) {
      int project = ProjectQuota.projectOf(from);
      if (project >= FIRST) {
        ProjectQuota.assign(to, project, true);
      }
    } catch (ErrnoException refusal) {
      // Where the file system has no projects, nothing is limited; nor is what its user may not
      // read.
      if (!refusal.is(Errno.ENOTTY, Errno.ENOTSUP, Errno.ENOSYS, Errno.EACCES)) {
        throw refusal;
      }
    }
  }

  /** Lifts the limit of a directory that is to be removed, if it has one. */
  public static void end(Dir parent, String name) {
    try (Fd above = open(parent, ".");
        Fd directory = open(parent, name)) {
      int project = ProjectQuota.projectOf(directory);
      if (project >= FIRST && project != ProjectQuota.projectOf(above)) {
        ProjectQuota.limit(directory, project, 0);
      }
    } catch (ErrnoException refusal) {
      // Without quotas (ESRCH, ENOSYS) there is none, and what is gone has none. Whoever may not
      // lift a limit (EPERM), or look (EACCES), has not set it.
      if (!refusal.is(Errno.ENOENT, Errno.ESRCH, Errno.ENOSYS, Errno.EPERM, Errno.EACCES)) {
        throw refusal;
      }
    }
  }

  private static Fd open(Dir dir, String name) {
    return dir.open(name, Fcntl.O_RDONLY, 0);
  }
}

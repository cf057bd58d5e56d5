package dev.pinnace.internal.isolation.linux.cgroup;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends everything in a cgroup and removes it. */
final class CgroupRemoval {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupRemoval.class);
  private static final int ATTEMPTS = 50;
  private static final int SIGKILL = 9;

  private CgroupRemoval() {}

  /** Kills what is in {@code group} and below, and removes all of it. */
  static void killAndRemove(Path group) throws IOException {
    killAndRemove(group, Files.exists(group.resolve("cgroup.kill")));
  }

  /**
   * The same.
   *
   * @param atOnce whether the kernel can kill a whole cgroup: since 5.14
   */
  static void killAndRemove(Path group, boolean atOnce) throws IOException {
    try {
      if (atOnce) {
        Files.writeString(group.resolve("cgroup.kill"), "1");
      }
      for (int attempt = 0; !removeTree(group); attempt++) {
        if (!atOnce) {
          killEach(group);
        }
        if (attempt == ATTEMPTS) {
          throw new PinnaceException(
              "the cgroup "
                  + group
                  + " cannot be removed: processes in it do not end although they were killed;"
                  + " try again when what they wait for is there (D in ps)");
        }
        pause(1 + attempt);
      }
    } catch (NoSuchFileException gone) {
      LOG.debug("{} is gone already", group);
    }
  }

  /** Frozen while they are listed, so that none forks; a frozen process can be killed. */
  private static void killEach(Path group) throws IOException {
    Path freeze = group.resolve("cgroup.freeze");
    Files.writeString(freeze, "1");
    try {
      killBelow(group);
    } finally {
      Files.writeString(freeze, "0");
    }
  }

  private static void killBelow(Path group) throws IOException {
    for (String line : Files.readAllLines(group.resolve("cgroup.procs"))) {
      int pid = Integer.parseInt(line.strip());
      if (pid > 0) {
        kill(pid);
      }
    }
    try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        killBelow(child);
      }
    }
  }

  private static void kill(int pid) {
    try (Pidfd process = Pidfd.open(pid)) {
      process.signal(SIGKILL);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ESRCH, Errno.EINVAL)) {
        throw refusal;
      }
      LOG.debug("process {} has ended by itself", pid);
    }
  }

  private static boolean removeTree(Path group) throws IOException {
    try (var children = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (Path child : children) {
        removeTree(child);
      }
    }
    return removeIfEmpty(group);
  }

  /** Whether it is gone now; not while processes or cgroups are in it. */
  static boolean removeIfEmpty(Path group) throws IOException {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (DirectoryNotEmptyException | AccessDeniedException busy) {
      return false;
    } catch (FileSystemException refused) {
      if (CgroupErrors.isBusy(refused)) {
        return false;
      }
      throw refused;
    }
  }

  /** Waits for the kernel to let go of something; an interruption is remembered. */
  static void pause(int millis) {
    boolean interrupted = Thread.interrupted();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

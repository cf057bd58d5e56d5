package dev.pinnace.internal.state;

import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run directories of containers: each has the lock under which its container is changed, and
 * one of those who read it. The lock file is made first and goes last. Thread-safe.
 */
final class RunDirectories implements AutoCloseable {
  private static final String EDIT = "edit";
  private static final String READER = "reader";
  private static final String PAUSE = "pause";
  private static final String HEALTH = "health";
  private static final String RELAY = "relay";
  private static final String HEALTH_LOCK = "health.lock";
  private static final int READING = Fcntl.O_RDONLY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;
  private static final Logger LOG = LoggerFactory.getLogger(RunDirectories.class);

  private final Dir runs;

  RunDirectories(Path directory) {
    this.runs = Dir.open(directory);
  }

  /** Makes it, unless it is there. */
  void make(ContainerId id) {
    try {
      runs.mkdir(id.hex(), 0700);
    } catch (ErrnoException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  /**
   * The lock file, not locked; empty if the directory is not there.
   *
   * @param make whether a missing file is made: only for a container that is there, or is being
   *     made, lest it is put into a directory that somebody removes
   */
  Optional<LockFile> openLock(ContainerId id, boolean make) {
    String name = id.hex() + "/" + EDIT;
    if (!make && !runs.exists(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(LockFile.open(runs, name));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Takes the lock if it is free, and closes it otherwise. */
  boolean isTaken(LockFile lock, ContainerId id) {
    boolean taken = false;
    try {
      taken = lock.tryLock(LockFile.Mode.EXCLUSIVE) && isCurrent(lock, id);
    } finally {
      if (!taken) {
        lock.close();
      }
    }
    return taken;
  }

  /** Whether the file that was just locked is still the container's: its holder removes it. */
  boolean isCurrent(LockFile lock, ContainerId id) {
    FileStat held = Inode.stat(lock.fd());
    return runs.find(id.hex() + "/" + EDIT)
        .filter(f -> f.inode() == held.inode() && f.fileSystem() == held.fileSystem())
        .isPresent();
  }

  /**
   * What is left when its maker or remover was killed: without a lock file there is nothing in it.
   * One that is just being made is made again.
   */
  void removeEmpty(ContainerId id) {
    try {
      runs.rmdir(id.hex());
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT, Errno.ENOTEMPTY)) {
        throw e;
      }
    }
  }

  /** The lock file goes last, so that a directory without one is empty. */
  void remove(ContainerId id) {
    try (Dir run = runs.openDir(id.hex())) {
      for (String name : run.list()) {
        if (!name.equals(EDIT)) {
          Trees.remove(run, name);
        }
      }
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    Trees.remove(runs, id.hex());
  }

  /**
   * Says that this process still reads a container which is removed at its end, until the lock is
   * closed; needs the container's lock.
   */
  LockFile beginReading(ContainerId id) {
    LockFile reader = LockFile.open(runs, id.hex() + "/" + READER);
    reader.tryLock(LockFile.Mode.SHARED);
    return reader;
  }

  /** Whether somebody who lives still reads it; needs the container's lock. */
  boolean isRead(ContainerId id) {
    return isThere(id, READER) && isHeld(id, READER);
  }

  /**
   * Says that this process pauses a container for a while, until the lock is closed; of one that
   * was killed meanwhile the file is left.
   */
  LockFile beginPause(ContainerId id) {
    LockFile pause = LockFile.open(runs, id.hex() + "/" + PAUSE);
    pause.tryLock(LockFile.Mode.SHARED);
    return pause;
  }

  /** Whether whoever paused it for a while is gone. */
  boolean isPauseLeft(ContainerId id) {
    return isThere(id, PAUSE) && !isHeld(id, PAUSE);
  }

  void endPause(ContainerId id) {
    remove(id, PAUSE);
  }

  /** The lock of who checks its health; empty while somebody else does, or once it is removed. */
  Optional<LockFile> tryHealthLock(ContainerId id) {
    try {
      LockFile lock = LockFile.open(runs, id.hex() + "/" + HEALTH_LOCK);
      if (lock.tryLock(LockFile.Mode.EXCLUSIVE)) {
        return Optional.of(lock);
      }
      lock.close();
      return Optional.empty();
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  void writeHealth(ContainerId id, RunHealth health) {
    try (Dir run = runs.openDir(id.hex())) {
      Durable.write(run, HEALTH, health.encode(), false);
    }
  }

  Optional<RunHealth> health(ContainerId id) {
    try (Fd file = runs.open(id.hex() + "/" + HEALTH, READING, 0)) {
      return Optional.of(RunHealth.decode(Files.readAllBytes(Path.of(file.procPath()))));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException | IllegalArgumentException damaged) {
      LOG.warn(
          "the health of container {} cannot be read: {}", id.shortHex(), damaged.getMessage());
      return Optional.empty();
    }
  }

  void writeLedPorts(ContainerId id, LedPorts ports) {
    try (Dir run = runs.openDir(id.hex())) {
      Durable.write(run, RELAY, ports.encode(), false);
    }
  }

  void forgetLedPorts(ContainerId id) {
    try {
      runs.unlink(id.hex() + "/" + RELAY);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  Optional<LedPorts> ledPorts(ContainerId id) {
    try (Fd file = runs.open(id.hex() + "/" + RELAY, READING, 0)) {
      return Optional.of(LedPorts.decode(Files.readAllBytes(Path.of(file.procPath()))));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException | IllegalArgumentException damaged) {
      LOG.warn(
          "what the relay has of container {} cannot be read: {}",
          id.shortHex(),
          damaged.getMessage());
      return Optional.empty();
    }
  }

  private boolean isThere(ContainerId id, String file) {
    return runs.exists(id.hex() + "/" + file);
  }

  private boolean isHeld(ContainerId id, String file) {
    try (LockFile lock = LockFile.open(runs, id.hex() + "/" + file)) {
      return lock.isHeldByOthers();
    }
  }

  /** Removes a file of the container. */
  void remove(ContainerId id, String file) {
    Trees.remove(runs, id.hex() + "/" + file);
  }

  /** A lock file of all containers, not locked. */
  LockFile shared(String name) {
    return LockFile.open(runs, name);
  }

  @Override
  public void close() {
    runs.close();
  }
}

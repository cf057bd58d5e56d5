package dev.pinnace.internal.content;

import dev.pinnace.error.CancelledException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock on a file that its holder may rename or remove. Whoever waited for it meanwhile finds that
 * the name now leads elsewhere, and begins anew. Thread-safe.
 */
final class NamedLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NamedLock.class);
  private static final Duration ROUND = Duration.ofSeconds(30);

  private final Path directory;
  private final String name;
  private final LockFile lock;

  private NamedLock(Path directory, String name, LockFile lock) {
    this.directory = directory;
    this.name = name;
    this.lock = lock;
  }

  /**
   * Takes the lock, for as long as its holder needs, and warns once when that is more than 30 s.
   *
   * @throws CancelledException if the thread is interrupted meanwhile
   */
  static NamedLock take(Path directory, String name) {
    return take(directory, name, ROUND);
  }

  /** The same with a warning after {@code round}. */
  static NamedLock take(Path directory, String name, Duration round) {
    boolean told = false;
    while (true) {
      long begun = System.nanoTime();
      Optional<NamedLock> taken = attempt(directory, name, round);
      if (taken.isPresent()) {
        return taken.get();
      }
      if (!told && System.nanoTime() - begun >= round.toNanos()) {
        LOG.warn(
            "another pull has held {} for {} s and goes first: if it is suspended, continue or end"
                + " it",
            directory.resolve(name),
            round.toSeconds());
        told = true;
      }
    }
  }

  /** Takes the lock if it is free and the file is there. */
  static Optional<NamedLock> takeFree(Path directory, String name) {
    try (Dir dir = Dir.open(directory)) {
      return dir.exists(name) ? attempt(directory, name, Duration.ZERO) : Optional.empty();
    }
  }

  private static Optional<NamedLock> attempt(Path directory, String name, Duration limit) {
    try (Dir dir = Dir.open(directory)) {
      LockFile lock = LockFile.open(dir, name);
      boolean ours = false;
      try {
        ours = lock.lock(LockFile.Mode.EXCLUSIVE, limit) && leadsTo(dir, name, lock);
        return ours ? Optional.of(new NamedLock(directory, name, lock)) : Optional.empty();
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new CancelledException(
            "interrupted while waiting for " + directory.resolve(name), interruption);
      } finally {
        if (!ours) {
          lock.close();
        }
      }
    }
  }

  private static boolean leadsTo(Dir dir, String name, LockFile lock) {
    FileStat held = Inode.stat(lock.fd());
    return dir.find(name).filter(held::isSameFile).isPresent();
  }

  /** The file. */
  Path path() {
    return directory.resolve(name);
  }

  /** Removes the file: who waits for it takes the lock on a new one. */
  void remove() {
    try (Dir dir = Dir.open(directory)) {
      dir.unlink(name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  /** Whether it is still held. */
  boolean isOpen() {
    return lock.fd().isOpen();
  }

  /** Gives the lock up. */
  @Override
  public void close() {
    lock.close();
  }
}

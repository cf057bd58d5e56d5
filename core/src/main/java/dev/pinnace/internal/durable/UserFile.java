package dev.pinnace.internal.durable;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A change of a file that a user keeps, perhaps another one than that of this process. Changes are
 * made one after the other, also those of other processes: they hold {@code .NAME.lock}, which is
 * removed with the change. For one thread.
 */
public final class UserFile implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path place;
  private final Dir dir;
  private final LockFile lock;

  private UserFile(Path place, Dir dir, LockFile lock) {
    this.place = place;
    this.dir = dir;
    this.lock = lock;
  }

  /**
   * Waits for the changes of others, at most a minute, and begins one. Directories that are missing
   * are made; they belong to the owner of the one that they are in, with mode 0700.
   *
   * @param file a link to a file stays one, be the file there yet or not: people keep their
   *     settings elsewhere
   * @throws ConflictException if it is a stranger's link in a directory like /tmp
   * @throws IOException also if something else than a regular file is there, such as a device
   * @throws TimedOutException if others do not come to an end
   */
  public static UserFile change(Path file) throws IOException {
    try {
      Path place = LinkedPlace.of(file);
      requireFile(place);
      makeDirectory(directory(place));
      Dir dir = Dir.open(directory(place));
      try {
        return new UserFile(place, dir, lock(dir, place));
      } catch (RuntimeException | Error failure) {
        dir.close();
        throw failure;
      }
    } catch (ErrnoException refusal) {
      throw new IOException(refusal.getMessage(), refusal);
    }
  }

  private static void requireFile(Path place) throws IOException {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(place + " is not a regular file and is left as it is");
    }
  }

  private static Path directory(Path place) {
    Path parent = place.getParent();
    return parent == null ? place : parent;
  }

  private static String name(Path place) {
    return String.valueOf(place.getFileName());
  }

  private static void makeDirectory(Path directory) {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory(directory);
    makeDirectory(parent);
    try (Dir above = Dir.open(parent)) {
      above.mkdirs(name(directory), 0700);
      try (Dir made = above.openDir(name(directory))) {
        give(made.fd(), above.stat());
      }
    }
  }

  private static LockFile lock(Dir dir, Path place) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      LockFile lock = LockFile.open(dir, lockName(place));
      boolean ours = false;
      try {
        if (Inode.stat(lock.fd()).links() == 1) { // not somebody's other file under this name
          give(lock.fd(), dir.stat());
        }
        if (!lock.lock(LockFile.Mode.EXCLUSIVE, Duration.ofNanos(end - System.nanoTime()))) {
          throw new TimedOutException(
              "another program has been changing "
                  + place
                  + " for "
                  + PATIENCE.toSeconds()
                  + " s: end it, or try again");
        }
        // Whoever had it before has removed the file.
        ours = Inode.stat(lock.fd()).links() > 0;
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while waiting for " + place, interruption);
      } finally {
        if (!ours) {
          lock.close();
        }
      }
      if (ours) {
        return lock;
      }
    }
  }

  private static String lockName(Path place) {
    return "." + name(place) + ".lock";
  }

  /**
   * Replaces the file. Owner, group and mode stay; a new one belongs to the owner of its directory,
   * with mode 0600. Where this process may not give files away, the file is its own alone.
   */
  public void replace(byte[] content) throws IOException {
    try {
      requireFile(place);
      Optional<FileStat> old = dir.find(name(place));
      Durable.write(
          dir,
          name(place),
          content,
          true,
          written -> {
            if (give(written, old.orElseGet(dir::stat))) {
              old.ifPresent(stat -> Inode.chmod(written, stat.permissions()));
            }
          });
    } catch (ErrnoException refusal) {
      throw new IOException(refusal.getMessage(), refusal);
    }
  }

  /** Has a file belong to whom {@code like} belongs: whether it does. */
  private static boolean give(Fd file, FileStat like) {
    FileStat own = Inode.stat(file);
    if (own.uid() == like.uid() && own.gid() == like.gid()) {
      return true;
    }
    try {
      Inode.chown(file, like.uid(), like.gid());
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EPERM)) {
        return false;
      }
      throw refusal;
    }
  }

  /** Ends the change, made or not. */
  @Override
  public void close() throws IOException {
    try (dir;
        lock) {
      dir.unlink(lockName(place));
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw new IOException(refusal.getMessage(), refusal);
      }
    }
  }
}

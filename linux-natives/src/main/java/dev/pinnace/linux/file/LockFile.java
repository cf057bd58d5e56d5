package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.time.Duration;
import java.util.Optional;

/**
 * A file that is locked by its open file description (fcntl(2), <i>Open file description
 * locks</i>): unlike POSIX locks it does not vanish when another descriptor of the file closes, it
 * excludes other {@code LockFile}s of the same process, and a process that inherits the descriptor
 * holds it too, until the last copy closes. Thread-safe.
 */
public final class LockFile implements AutoCloseable {
  /** How a lock excludes others. */
  public enum Mode {
    /** Any number of shared holders, no exclusive one. */
    SHARED(F_RDLCK),
    /** One holder. */
    EXCLUSIVE(F_WRLCK);

    private final int type;

    Mode(int type) {
      this.type = type;
    }
  }

  private static final long FIRST_WAIT_MILLIS = 1;
  private static final long LONGEST_WAIT_MILLIS = 50;

  private final Fd fd;
  private final String what;

  private LockFile(Fd fd, String what) {
    this.fd = fd;
    this.what = what;
  }

  /** Opens, and with permissions 0600 makes if need be, a lock file; nothing is locked yet. */
  public static LockFile open(Dir dir, String relative) {
    return new LockFile(dir.open(relative, O_RDWR | O_CREAT, 0600), dir.below(relative));
  }

  /** Opens a lock file that is there already; empty where there is none. */
  public static Optional<LockFile> find(Dir dir, String relative) {
    try {
      return Optional.of(new LockFile(dir.open(relative, O_RDWR, 0), dir.below(relative)));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  /** Whether the file is there, and anybody holds its lock: {@link #isHeldByOthers}. */
  public static boolean isHeld(Dir dir, String relative) {
    Optional<LockFile> found = find(dir, relative);
    if (found.isEmpty()) {
      return false;
    }
    try (LockFile lock = found.get()) {
      return lock.isHeldByOthers();
    }
  }

  /** Takes the lock if it is free; a lock that this holds changes its mode. */
  public boolean tryLock(Mode mode) {
    long answer = set(mode.type);
    if (answer == -Errno.EAGAIN || answer == -Errno.EACCES) {
      return false;
    }
    if (answer < 0) {
      throw new ErrnoException("fcntl", (int) -answer, what + ", F_OFD_SETLK");
    }
    return true;
  }

  /**
   * Takes the lock, waiting at most {@code limit} by asking again with growing pauses (1 to 50 ms).
   * No order among waiters is promised.
   *
   * @return false when it was not free within the limit
   * @throws InterruptedException if the thread is interrupted while waiting
   */
  public boolean lock(Mode mode, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long pause = FIRST_WAIT_MILLIS;
    while (!tryLock(mode)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      Thread.sleep(Math.min(pause, left / 1_000_000 + 1));
      pause = Math.min(pause * 2, LONGEST_WAIT_MILLIS);
    }
    return true;
  }

  /**
   * Whether anybody else holds the lock in any mode, without taking it even for a moment
   * (F_OFD_GETLK): nobody who tries to take it is disturbed.
   */
  public boolean isHeldByOthers() {
    try (Scratch scratch = Scratch.borrow()) {
      int at = describe(scratch, F_WRLCK);
      Sys.FCNTL.on(what + ", F_OFD_GETLK", fd.number(), F_OFD_GETLK, scratch.address(at));
      return scratch.memory().getShort(at) != F_UNLCK;
    }
  }

  /** Gives the lock up, for every process that inherited it too. */
  public void unlock() {
    long answer = set(F_UNLCK);
    if (answer < 0) {
      throw new ErrnoException("fcntl", (int) -answer, what + ", F_OFD_SETLK, F_UNLCK");
    }
  }

  /** struct flock: type 2, whence 2, padding 4, start 8, length 8 (0: all), pid 4 (must be 0). */
  private static int describe(Scratch scratch, int type) {
    int at = scratch.reserve(FLOCK_SIZE);
    scratch.memory().putLong(at, type).putLong(at + 8, 0).putLong(at + 16, 0).putLong(at + 24, 0);
    return at;
  }

  private long set(int type) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = describe(scratch, type);
      return Sys.FCNTL.attempt(fd.number(), F_OFD_SETLK, scratch.address(at), 0, 0, 0);
    }
  }

  /** The descriptor, for another process to inherit; this stays its owner. */
  public Fd fd() {
    return fd;
  }

  /** Closes the descriptor, which gives the lock up unless another process inherited it. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return what;
  }
}

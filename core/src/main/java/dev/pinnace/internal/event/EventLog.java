package dev.pinnace.internal.event;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.LockFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The files that events are appended to (docs/formats.md, <i>Events</i>): a few, numbered, of which
 * the last is called {@code current} too. Engines and supervisors write, each event by one write.
 * Thread-safe, also among processes.
 */
public final class EventLog implements AutoCloseable {
  static final String CURRENT = "current";
  private static final String NEXT = "next";
  private static final int KEPT = 4;
  private static final long FULL = 256 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int APPENDING =
      Fcntl.O_WRONLY | Fcntl.O_APPEND | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC;

  private final Path path;
  private final Dir directory;

  private EventLog(Path path) {
    this.path = path;
    this.directory = Dir.open(path);
  }

  /** Opens the files in {@code directory}, and makes the first one if there is none. */
  public static EventLog open(Path directory) {
    EventLog log = new EventLog(directory);
    try {
      if (!log.directory.exists(CURRENT)) {
        log.turn(FULL);
      }
      return log;
    } catch (RuntimeException | Error e) {
      log.close();
      throw e;
    }
  }

  /** Where they are, also once this is closed. */
  public Path directory() {
    return path;
  }

  /**
   * Adds an event that happens now.
   *
   * @param text see {@link EventText#of}
   */
  public void append(Action action, byte[] text) {
    byte[] frame = EventFrames.encode(Instant.now(), action, text);
    try (Fd file = directory.open(CURRENT, APPENDING, 0)) {
      int unused =
          file.writeSome(frame, 0, frame.length); // the rest would be somebody else's place
    }
    tidy();
  }

  /**
   * Begins a new file if the current one is full. Supervisors never do, so that whoever has the
   * files open is to do it now and then.
   */
  public void tidy() {
    if (isFull(FULL)) {
      turn(FULL);
    }
  }

  private boolean isFull(long full) {
    return directory.find(CURRENT).map(file -> file.size() > full).orElse(true);
  }

  /** Begins a new file, unless somebody else just has, and removes the oldest. */
  private void turn(long full) {
    try (LockFile lock = LockFile.open(directory, "lock")) {
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE)) {
        throw new TimedOutException(lock + " was locked for " + PATIENCE.toSeconds() + " s");
      }
      if (!isFull(full)) {
        return;
      }
      NavigableSet<Long> numbers = numbers(directory.list());
      String next = Long.toString(numbers.isEmpty() ? 1 : numbers.last() + 1);
      directory.open(next, APPENDING | Fcntl.O_CREAT | Fcntl.O_EXCL, 0600).close();
      remove(NEXT); // of whoever was killed here
      directory.link(next, NEXT);
      directory.rename(NEXT, CURRENT);
      numbers
          .headSet(Long.parseLong(next) - KEPT + 1)
          .forEach(number -> remove(Long.toString(number)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while a file of events is begun", e);
    }
  }

  private void remove(String name) {
    try {
      directory.unlink(name);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** The numbers of the files, in the order in which they were begun. */
  static NavigableSet<Long> numbers(Collection<String> names) {
    NavigableSet<Long> numbers = new TreeSet<>();
    for (String name : names) {
      if (name.chars().allMatch(c -> c >= '0' && c <= '9') && name.length() <= 18) {
        numbers.add(Long.parseLong(name));
      }
    }
    return numbers;
  }

  /** Reads what there is, and what comes. */
  public EventReader reader() {
    return new EventReader(path);
  }

  @Override
  public void close() {
    directory.close();
  }
}

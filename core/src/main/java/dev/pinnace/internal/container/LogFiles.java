package dev.pinnace.internal.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A container's log files, read from the oldest to the newest and on, while they may be rotated.
 * Each frame is handed on once and in order. One whose file is removed by the rotation before it
 * was opened is left out; nothing else is. Not thread-safe.
 */
final class LogFiles implements AutoCloseable {
  private static final int MOST_FILES = 100;

  /** Renaming takes microseconds; a supervisor that was killed meanwhile leaves a hole for good. */
  private static final int PATIENCE = 1000;

  private final LogDirectory directory;
  private @Nullable LogFile current;
  private long leftOut;

  /** How many files may be opened still. */
  private int files = Integer.MAX_VALUE;

  LogFiles(Path directory) {
    this(new LogDirectory(directory));
  }

  LogFiles(LogDirectory directory) {
    this.directory = directory;
  }

  /**
   * Reads no more files than there are now, which have all that was written until now: who writes
   * faster than this reads would otherwise be read for ever.
   */
  void endNow() {
    try {
      files = Math.max(1, highest(0) + 1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
  }

  /**
   * Hands on every whole frame that has come since the last call.
   *
   * @param skips is told before frames of a file that may not be the next one, because the last was
   *     removed meanwhile, which number that file has
   */
  void read(Consumer<LogFrames.Frame> frames, IntConsumer skips) {
    try {
      LogFile file = current == null ? replace(oldest()) : current;
      while (file != null) {
        file.drain(frames);
        int number = number(file);
        if (number == 0 || files == 0) {
          return;
        }
        // It is written no more, but may have been after it was drained.
        file.drain(frames);
        Optional<LogFile> next = number < 0 ? Optional.empty() : successor(file, number);
        if (next.isEmpty() && number(file) < 0) {
          next = oldest();
          next.ifPresent(oldest -> skips.accept(oldest.opened()));
        }
        if (next.isEmpty()) {
          return;
        }
        file = replace(next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
  }

  /** Bytes of what was read that are no whole frame: torn, damaged, or still being written. */
  long leftOut() throws IOException {
    return leftOut + (current == null ? 0 : current.left());
  }

  /** Whether no file was there. */
  boolean isMissing() {
    return current == null;
  }

  private @Nullable LogFile replace(Optional<LogFile> next) throws IOException {
    if (next.isPresent()) {
      leftOut = leftOut();
      close();
      current = next.get();
      files--;
    }
    return current;
  }

  /**
   * Which number the file has; negative when it was removed. Numbers only grow, so that looking
   * upwards never misses it.
   */
  private int number(LogFile file) throws IOException {
    for (int number = 0; number < MOST_FILES; number++) {
      if (file.isNumber(directory, number)) {
        return number;
      }
    }
    return -1;
  }

  /**
   * The file that was written next; empty if there is none yet, or if this one is removed
   * meanwhile. A rotation renames the older one first: as long as the older one keeps its number,
   * the number below is its successor's.
   */
  private Optional<LogFile> successor(LogFile file, int known) throws IOException {
    int number = known;
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
      Optional<LogFile> next = LogFile.open(directory, number - 1);
      if (next.isPresent() && file.isNumber(directory, number)) {
        return next;
      }
      if (next.isPresent()) {
        next.get().close();
      }
      number = number(file);
      if (number < 0) {
        return Optional.empty();
      }
      Thread.onSpinWait();
    }
    return newerThan(number - 1);
  }

  /** The oldest of those below that number. */
  private Optional<LogFile> newerThan(int number) throws IOException {
    for (int newer = number - 1; newer >= 0; newer--) {
      Optional<LogFile> file = LogFile.open(directory, newer);
      if (file.isPresent()) {
        return file;
      }
    }
    return Optional.empty();
  }

  /** The oldest file; empty if there is none. */
  private Optional<LogFile> oldest() throws IOException {
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
      int number = highest(0);
      if (number < 0) {
        return Optional.empty();
      }
      Optional<LogFile> file = LogFile.open(directory, number);
      if (file.isPresent() && highest(number + 1) < 0) {
        return file;
      }
      if (file.isPresent()) {
        file.get().close();
      }
    }
    return newerThan(MOST_FILES);
  }

  /**
   * The highest number from {@code from} on, beyond one hole at most; negative if there is none.
   */
  private int highest(int from) throws IOException {
    int highest = from - 1;
    for (int number = from; number < MOST_FILES && number <= highest + 2; number++) {
      if (directory.key(number).isPresent()) {
        highest = number;
      }
    }
    return highest < from ? -1 : highest;
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}

package dev.pinnace.internal.container;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The names of log files: 0 is the one that is written, a higher number an older one. A rotation
 * renames them one by one, the oldest first, so that what a name stands for can change at any time;
 * each method here is one look at it.
 */
class LogDirectory {
  private final Path path;

  LogDirectory(Path path) {
    this.path = path;
  }

  /**
   * What tells the file of that number from all others that are there or open; empty if none is.
   */
  Optional<Object> key(int number) throws IOException {
    if (!file(number).toFile().exists()) { // far cheaper than the exception
      return Optional.empty();
    }
    try {
      return Optional.of(Files.getAttribute(file(number), "unix:ino"));
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    }
  }

  /** Opens the file of that number; empty if there is none. */
  Optional<FileChannel> open(int number) throws IOException {
    try {
      return Optional.of(FileChannel.open(file(number), StandardOpenOption.READ));
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    }
  }

  private Path file(int number) {
    return path.resolve(number == 0 ? "log" : "log." + number);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

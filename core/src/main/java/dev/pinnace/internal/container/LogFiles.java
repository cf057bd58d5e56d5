package dev.pinnace.internal.container;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A container's log files, read from the oldest to the newest and on. A file that is renamed while
 * it is read is read to its end first: nothing is lost or seen twice as long as this keeps up with
 * the rotation. Not thread-safe.
 */
final class LogFiles implements AutoCloseable {
  private static final int MOST_FILES = 100;
  private static final int BUFFER = 64 * 1024;

  private final Path directory;
  private @Nullable FileChannel current;
  private Object currentKey = "";
  private long position;

  LogFiles(Path directory) {
    this.directory = directory;
  }

  /** Hands on every whole frame that has come since the last call. */
  void read(Consumer<LogFrames.Frame> frames) {
    try {
      while (true) {
        if (current == null && !openOldest()) {
          return;
        }
        drain(frames);
        if (!openSuccessor()) {
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
  }

  private void drain(Consumer<LogFrames.Frame> frames) throws IOException {
    FileChannel channel = current;
    if (channel == null) {
      return;
    }
    channel.position(position);
    LogFrames reader =
        new LogFrames(new BufferedInputStream(Channels.newInputStream(channel), BUFFER));
    for (Optional<LogFrames.Frame> frame = reader.next();
        frame.isPresent();
        frame = reader.next()) {
      frames.accept(frame.get());
    }
    position += reader.consumed();
  }

  private boolean openOldest() throws IOException {
    List<Path> files = files();
    return !files.isEmpty() && open(files.get(0));
  }

  /** The file that was written after the current one, if the current one has been renamed. */
  private boolean openSuccessor() throws IOException {
    List<Path> files = files();
    for (int i = 0; i < files.size(); i++) {
      if (key(files.get(i)).equals(Optional.of(currentKey))) {
        return i + 1 < files.size() && open(files.get(i + 1));
      }
    }
    return !files.isEmpty() && open(files.get(0));
  }

  /** The files that there are, oldest first. */
  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    for (int number = 0; number < MOST_FILES; number++) {
      Path file = directory.resolve(number == 0 ? "log" : "log." + number);
      if (!Files.exists(file)) {
        break;
      }
      files.add(0, file);
    }
    return files;
  }

  private static Optional<Object> key(Path file) throws IOException {
    try {
      return Optional.of(Files.getAttribute(file, "unix:ino"));
    } catch (NoSuchFileException renamed) {
      return Optional.empty();
    }
  }

  private boolean open(Path file) throws IOException {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      close();
      current = channel;
      currentKey = key(file).orElse("");
      position = 0;
      return true;
    } catch (NoSuchFileException renamed) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}

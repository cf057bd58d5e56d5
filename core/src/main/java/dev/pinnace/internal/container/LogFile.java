package dev.pinnace.internal.container;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Consumer;

/** An open log file, which keeps its content wherever a rotation takes it. Not thread-safe. */
final class LogFile implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final FileChannel channel;
  private final Object key;
  private final int opened;
  private long position;

  private LogFile(FileChannel channel, Object key, int opened) {
    this.channel = channel;
    this.key = key;
    this.opened = opened;
  }

  /** Opens the file of that number; empty if there is none, or if it was renamed meanwhile. */
  static Optional<LogFile> open(LogDirectory directory, int number) throws IOException {
    Optional<Object> key = directory.key(number);
    Optional<FileChannel> channel = key.isEmpty() ? Optional.empty() : directory.open(number);
    if (channel.isEmpty()) {
      return Optional.empty();
    }
    // While it is open its key is nobody else's: the same before and after means that it is this.
    if (directory.key(number).equals(key)) {
      return Optional.of(new LogFile(channel.get(), key.orElseThrow(), number));
    }
    channel.get().close();
    return Optional.empty();
  }

  /** The number that it had when it was opened. */
  int opened() {
    return opened;
  }

  boolean isNumber(LogDirectory directory, int number) throws IOException {
    return directory.key(number).equals(Optional.of(key));
  }

  /** Hands on every whole frame that has come since the last call. */
  void drain(Consumer<LogFrames.Frame> frames) throws IOException {
    long start = position;
    channel.position(start);
    LogFrames reader =
        new LogFrames(new BufferedInputStream(Channels.newInputStream(channel), BUFFER));
    for (Optional<LogFrames.Frame> frame = reader.next();
        frame.isPresent();
        frame = reader.next()) {
      position = start + reader.consumed();
      frames.accept(frame.get());
    }
  }

  /** How many bytes come after the last whole frame. */
  long left() throws IOException {
    return channel.size() - position;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package dev.pinnace.internal.container;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/** Reads a container's output byte for byte, on and on. Not thread-safe. */
public final class OutputReader implements AutoCloseable {
  private final LogFiles files;
  private final Instant since;
  private final Consumer<byte[]> stdout;
  private final Consumer<byte[]> stderr;

  /**
   * @param since leaves out what came before
   * @param stdout gets standard output
   * @param stderr gets standard error, and remarks about what could not be kept
   */
  public OutputReader(
      Path directory, Instant since, Consumer<byte[]> stdout, Consumer<byte[]> stderr) {
    this.files = new LogFiles(directory);
    this.since = since;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Hands on what has come since the last call. */
  public void more() {
    files.read(
        frame -> {
          if (!frame.time().isBefore(since)) {
            switch (frame.source()) {
              case STDOUT -> stdout.accept(frame.data().array());
              case STDERR, NOTE -> stderr.accept(frame.data().array());
            }
          }
        });
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close a log file", e);
    }
  }
}

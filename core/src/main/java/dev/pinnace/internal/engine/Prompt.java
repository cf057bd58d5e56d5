package dev.pinnace.internal.engine;

import dev.pinnace.internal.container.LogReader;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a program has written last without the end of a line, once it writes no more for a while:
 * whoever follows its log is not told of that. Not thread-safe.
 */
final class Prompt {
  private static final long REST = Duration.ofMillis(200).toNanos();

  /** One of each stream. */
  private static final int STREAMS = 2;

  private final Path logs;
  private final Supplier<LogQuery> run;
  private List<String> lines = List.of();
  private long size = -1;
  private long since;
  private boolean read;

  /**
   * A prompt in a log.
   *
   * @param run what belongs to the present run
   */
  Prompt(Path logs, Supplier<LogQuery> run) {
    this.logs = logs;
    this.run = run;
  }

  /** One of each stream at most; the log is read once for each rest. */
  List<String> lines() {
    long now = System.nanoTime();
    long grown = size();
    if (grown != size) {
      size = grown;
      since = now;
      read = false;
      lines = List.of();
    } else if (!read && now - since >= REST) {
      read = true;
      lines =
          LogReader.read(logs, run.get().tail(STREAMS)).stream()
              .filter(line -> !line.isFinished() && line.source() != LogLine.Source.NOTE)
              .map(LogLine::text)
              .toList();
    }
    return lines;
  }

  private long size() {
    try {
      return Files.size(logs.resolve("log"));
    } catch (NoSuchFileException nothingYet) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at the log in " + logs, e);
    }
  }
}

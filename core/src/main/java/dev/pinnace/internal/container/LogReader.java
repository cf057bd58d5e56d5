package dev.pinnace.internal.container;

import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads a container's log: once, or on and on. Not thread-safe. */
public final class LogReader implements AutoCloseable {
  private final LogDirectory directory;
  private final boolean follows;
  private final LogFiles files;
  private final LineAssembler assembler;

  LogReader(LogDirectory directory, boolean follows, Consumer<LogLine> lines) {
    this.directory = directory;
    this.follows = follows;
    this.files = new LogFiles(directory);
    this.assembler = new LineAssembler(lines);
  }

  /** A reader that hands lines on as they come. */
  public static LogReader following(Path directory, Consumer<LogLine> lines) {
    return new LogReader(new LogDirectory(directory), true, lines);
  }

  /** The lines that {@code query} asks for, an unfinished last one included. */
  public static List<LogLine> read(Path directory, LogQuery query) {
    return read(directory, query, damage -> {});
  }

  /**
   * The same.
   *
   * @param damaged is told what {@link #damage} is
   */
  public static List<LogLine> read(Path directory, LogQuery query, Consumer<String> damaged) {
    int most = query.tail().orElse(Integer.MAX_VALUE);
    Deque<LogLine> kept = new ArrayDeque<>();
    Consumer<LogLine> collect =
        line -> {
          if (query.matches(line) && most > 0) {
            if (kept.size() == most) {
              kept.removeFirst();
            }
            kept.addLast(line);
          }
        };
    try (LogReader reader = new LogReader(new LogDirectory(directory), false, collect)) {
      reader.files.endNow();
      reader.more();
      reader.finish();
      reader.damage().ifPresent(damaged);
    }
    return new ArrayList<>(kept);
  }

  /** The bytes of each stream. */
  public static Map<LogLine.Source, ByteArrayOutputStream> bytes(Path directory) {
    Map<LogLine.Source, ByteArrayOutputStream> streams = new EnumMap<>(LogLine.Source.class);
    for (LogLine.Source source : LogLine.Source.values()) {
      streams.put(source, new ByteArrayOutputStream());
    }
    try (LogFiles files = new LogFiles(directory)) {
      files.read(
          frame ->
              streams
                  .getOrDefault(frame.source(), new ByteArrayOutputStream())
                  .writeBytes(frame.data().array()),
          number -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
    return streams;
  }

  /** Both streams as they came. */
  public static String text(Path directory) {
    return text(new LogDirectory(directory));
  }

  static String text(LogDirectory directory) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (LogFiles files = new LogFiles(directory)) {
      files.endNow();
      files.read(frame -> all.writeBytes(frame.data().array()), number -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
    return all.toString(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** What is wrong with what was read so far, if nobody writes it any more. */
  public Optional<String> damage() {
    try {
      if (files.isMissing()) {
        return Optional.of("there is none in " + directory);
      }
      long bytes = files.leftOut();
      return bytes == 0
          ? Optional.empty()
          : Optional.of(bytes + " bytes in " + directory + " are damaged and left out");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the log in " + directory, e);
    }
  }

  /** Hands on the lines that have come since the last call. */
  public void more() {
    files.read(assembler::accept, this::skip);
  }

  /**
   * Lines of before and after do not belong together. Whoever follows a log of one file has read
   * the old one to its end, though, and unless he is very slow the new one is the next.
   */
  private void skip(int number) {
    if (!follows || number > 0) {
      assembler.cut();
    }
  }

  /** Hands on lines that will not be finished. */
  public void finish() {
    assembler.finish();
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

package dev.pinnace.internal.container;

import dev.pinnace.spec.LogLine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts lines together from frames: a line may span frames of its stream. One whose beginning has
 * gone with an older file is left out, unless nothing else is there. Not thread-safe.
 */
final class LineAssembler {
  /** A line that is longer is handed on in pieces. */
  private static final int LONGEST = 1024 * 1024;

  private final Consumer<LogLine> lines;
  private final Map<LogLine.Source, Pending> pending = new EnumMap<>(LogLine.Source.class);

  LineAssembler(Consumer<LogLine> lines) {
    this.lines = lines;
  }

  private static final class Pending {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable Instant since;

    /** Whether the beginning of the line is not there. */
    private boolean headless;

    private Pending(boolean headless) {
      this.headless = headless;
    }

    private void reset() {
      bytes.reset();
      since = null;
      headless = false;
    }
  }

  void accept(LogFrames.Frame frame) {
    Pending line = pending.computeIfAbsent(frame.source(), s -> new Pending(frame.continues()));
    ByteBuffer data = frame.data();
    int start = 0;
    for (int i = 0; i < data.limit(); i++) {
      if (data.get(i) == '\n') {
        append(line, frame, start, i);
        if (line.headless) {
          line.reset();
        } else {
          emit(line, frame.source(), true);
        }
        start = i + 1;
      }
    }
    if (start < data.limit()) {
      append(line, frame, start, data.limit());
      if (line.bytes.size() >= LONGEST || frame.source() == LogLine.Source.NOTE) {
        emit(line, frame.source(), false);
      }
    }
  }

  private static void append(Pending line, LogFrames.Frame frame, int from, int to) {
    if (line.since == null) {
      line.since = frame.time();
    }
    line.bytes.write(frame.data().array(), from, to - from);
  }

  private void emit(Pending line, LogLine.Source source, boolean finished) {
    Instant since = line.since;
    if (since != null) {
      lines.accept(new LogLine(source, since, line.bytes.toByteArray(), finished));
      line.reset();
    }
  }

  /** Hands on lines that were not finished. */
  void finish() {
    pending.forEach((source, line) -> emit(line, source, false));
  }
}

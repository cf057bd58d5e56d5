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
 * Puts lines together from frames: a line may span frames of its stream. One whose beginning or end
 * has gone with an older file is left out, unless nothing else is there. Not thread-safe.
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

    /** Whether the beginning of the line was handed on. */
    private boolean inPieces;

    /** Whether a line was whole: then one without its beginning is not better than nothing. */
    private boolean hadLines;

    private void reset() {
      bytes.reset();
      since = null;
      headless = false;
      inPieces = false;
    }
  }

  void accept(LogFrames.Frame frame) {
    Pending line = pending.computeIfAbsent(frame.source(), s -> new Pending());
    begin(line, frame);
    ByteBuffer data = frame.data();
    int start = 0;
    for (int i = 0; i < data.limit(); i++) {
      if (data.get(i) == '\n') {
        append(line, frame, start, i);
        end(line, frame.source(), true);
        start = i + 1;
      }
    }
    if (start < data.limit()) {
      append(line, frame, start, data.limit());
      if (line.bytes.size() >= LONGEST || frame.source() == LogLine.Source.NOTE) {
        emit(line, frame.source(), false);
        line.inPieces = true;
      }
    }
  }

  /** What came between the last frame and this one may be lost: then neither is a line's half. */
  private void begin(Pending line, LogFrames.Frame frame) {
    if (!frame.continues()) {
      end(line, frame.source(), false);
      line.inPieces = false;
    } else if (line.since == null && !line.inPieces) {
      line.headless = true;
    }
  }

  private void end(Pending line, LogLine.Source source, boolean finished) {
    if (line.headless) {
      line.reset();
    } else {
      emit(line, source, finished);
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
      line.hadLines = true;
    }
  }

  /** Frames are missing: what has begun is left out, and what does not begin in the next ones. */
  void cut() {
    pending.values().forEach(Pending::reset);
  }

  /** Hands on lines that were not finished. */
  void finish() {
    pending.forEach(
        (source, line) -> {
          if (!line.headless || !line.hadLines) {
            emit(line, source, false);
          }
        });
  }
}

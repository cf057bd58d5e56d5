package dev.pinnace.internal.container;

import dev.pinnace.spec.LogLine;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Optional;

/** Reads the frames of a log file (docs/formats.md, <i>Log</i>). Not thread-safe. */
final class LogFrames {
  static final int HEADER = 16;
  static final int TRAILER = 4;
  private static final int UNFINISHED = 1;
  private static final int CONTINUES = 2;
  private static final int LIMIT = 16 * 1024 * 1024;

  private final DataInputStream in;
  private long consumed;

  LogFrames(InputStream in) {
    this.in = new DataInputStream(in);
  }

  /**
   * A piece of output.
   *
   * @param continues whether it begins inside a line
   * @param finished whether its last line is complete
   */
  record Frame(
      LogLine.Source source, Instant time, boolean continues, boolean finished, ByteBuffer data) {}

  /**
   * The next whole frame; empty at the end of the file, or before a frame that is torn or still
   * being written.
   */
  Optional<Frame> next() throws IOException {
    try {
      byte[] head = new byte[HEADER];
      in.readFully(head);
      ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      int length = header.getInt(0);
      if (length < 0 || length > LIMIT) {
        return Optional.empty();
      }
      byte[] data = new byte[length];
      in.readFully(data);
      if (Integer.reverseBytes(in.readInt()) != length) {
        return Optional.empty();
      }
      consumed += HEADER + (long) length + TRAILER;
      long nanos = header.getLong(8);
      return Optional.of(
          new Frame(
              source(header.get(4)),
              Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000),
              (header.get(5) & CONTINUES) != 0,
              (header.get(5) & UNFINISHED) == 0,
              ByteBuffer.wrap(data)));
    } catch (EOFException end) {
      return Optional.empty();
    }
  }

  /** Bytes of whole frames so far. */
  long consumed() {
    return consumed;
  }

  private static LogLine.Source source(byte stream) {
    return switch (stream) {
      case 1 -> LogLine.Source.STDOUT;
      case 2 -> LogLine.Source.STDERR;
      default -> LogLine.Source.NOTE;
    };
  }
}

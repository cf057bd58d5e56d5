package dev.pinnace.examples.cli;

import dev.pinnace.spec.LogLine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;

/** Prints lines of a container's output where they belong, byte for byte. */
final class LogPrinter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSX").withZone(ZoneOffset.UTC);

  private final Consumer<byte[]> out;
  private final Consumer<byte[]> err;
  private final boolean timestamps;

  LogPrinter(Consumer<byte[]> out, Consumer<byte[]> err, boolean timestamps) {
    this.out = out;
    this.err = err;
    this.timestamps = timestamps;
  }

  void print(LogLine line) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (timestamps) {
      bytes.writeBytes((TIME.format(line.time()) + " ").getBytes(StandardCharsets.US_ASCII));
    }
    if (line.source() == LogLine.Source.NOTE) {
      bytes.writeBytes("pinnace: ".getBytes(StandardCharsets.US_ASCII));
    }
    bytes.writeBytes(line.bytes());
    if (line.isFinished() || line.source() == LogLine.Source.NOTE) {
      bytes.write('\n');
    }
    (line.source() == LogLine.Source.STDOUT ? out : err).accept(bytes.toByteArray());
  }
}

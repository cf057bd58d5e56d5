package dev.pinnace.examples.cli;

import dev.pinnace.spec.LogLine;
import java.io.PrintWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Prints lines of a container's output where they belong. */
final class LogPrinter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSX").withZone(ZoneOffset.UTC);

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean timestamps;

  LogPrinter(PrintWriter out, PrintWriter err, boolean timestamps) {
    this.out = out;
    this.err = err;
    this.timestamps = timestamps;
  }

  void print(LogLine line) {
    String prefix = timestamps ? TIME.format(line.time()) + " " : "";
    switch (line.source()) {
      case STDOUT -> out.println(prefix + line.text());
      case STDERR -> err.println(prefix + line.text());
      case NOTE -> err.println(prefix + "pinnace: " + line.text());
    }
  }
}

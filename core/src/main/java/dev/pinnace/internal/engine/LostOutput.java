package dev.pinnace.internal.engine;

import dev.pinnace.spec.LogLine;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a container wrote and its log lacks, for the log could not be written. */
final class LostOutput {
  private LostOutput() {}

  /** How much, in words; empty for nothing, and where output beyond a limit was not wanted. */
  static Optional<String> of(ExitRecord record) {
    return record.logDropped() > 0 && !record.causes().contains(Cause.OUTPUT_LIMIT)
        ? Optional.of(
            record.logDropped()
                + " bytes of output are not in its log: the log could not be written")
        : Optional.empty();
  }

  /** The record of an end that has come about. */
  static Optional<ExitRecord> known(CompletableFuture<Optional<ExitRecord>> exit) {
    return exit.isDone() && !exit.isCompletedExceptionally() ? exit.join() : Optional.empty();
  }

  /** The same as the last line of the log. */
  static Optional<LogLine> note(ExitRecord record) {
    return of(record)
        .map(
            text ->
                new LogLine(
                    LogLine.Source.NOTE,
                    record.finished(),
                    text.getBytes(StandardCharsets.UTF_8),
                    true));
  }
}

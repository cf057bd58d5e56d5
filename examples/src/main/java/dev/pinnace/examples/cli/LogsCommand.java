package dev.pinnace.examples.cli;

import dev.pinnace.Logs;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.spec.LogQuery;
import java.io.FileDescriptor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description = "Prints what a container wrote, to standard output and error.")
final class LogsCommand extends EngineCommand {
  private static final Duration LONG = Duration.ofDays(1);

  @Parameters(paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what it writes until it has ended.")
  private boolean follow;

  @Option(
      names = {"-n", "--tail"},
      paramLabel = "N",
      description = "The last N lines; all of them by default, or with a negative N.")
  private String tail = "all";

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Lines from then on: 2026-01-31T12:00:00Z, seconds since 1970, or an age such as 10m.")
  private Optional<String> since = Optional.empty();

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Lines before then, written as for --since.")
  private Optional<String> until = Optional.empty();

  @Option(
      names = {"-t", "--timestamps"},
      description = "Print when each line came.")
  private boolean timestamps;

  @SuppressWarnings("UnusedVariable") // accepted, and nothing to do
  @Option(names = "--details", description = "What log options add to each line, which is nothing.")
  private boolean details;

  @Override
  boolean follows() {
    return true;
  }

  @Override
  int execute(Pinnace pinnace) {
    Logs logs = pinnace.containers().get(container).logs();
    LogPrinter printer =
        new LogPrinter(
            bytes -> Streams.write(FileDescriptor.out, bytes),
            bytes -> Streams.write(FileDescriptor.err, bytes),
            timestamps);
    LogQuery query = query(Instant.now());
    if (!follow) {
      logs.read(query).forEach(printer::print);
      return OK;
    }
    return follow(logs, query, printer);
  }

  /** Whoever cannot print ends the subscription; that a reader went is no failure. */
  private static int follow(Logs logs, LogQuery query, LogPrinter printer) {
    CompletableFuture<Subscription> begun = new CompletableFuture<>();
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    try (Subscription lines =
        logs.follow(
            query,
            line -> {
              try {
                printer.print(line);
              } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
                CompletionStage<?> unused = begun.thenAccept(Subscription::close);
              }
            })) {
      begun.complete(lines);
      while (!lines.await(LONG)) {
        // A container may be quiet for days.
      }
    }
    RuntimeException first = failure.get();
    if (first == null) {
      return OK;
    }
    if (first instanceof ReaderGone) {
      return ReaderGone.CODE;
    }
    throw first;
  }

  LogQuery query(Instant now) {
    LogQuery query = LogQuery.all();
    if (since.isPresent()) {
      query = query.since(Times.parse("--since", since.get(), now));
    }
    if (until.isPresent()) {
      query = query.until(Times.parse("--until", until.get(), now));
    }
    int lines = tail.equals("all") ? -1 : Times.lines(tail);
    return lines < 0 ? query : query.tail(lines);
  }
}

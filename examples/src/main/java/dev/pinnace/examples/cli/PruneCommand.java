package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Asks, removes what nobody needs, and says what that was. */
abstract class PruneCommand extends EngineCommand {
  @Option(
      names = {"-f", "--force"},
      description = "Do not ask.")
  private boolean force;

  @Option(
      names = "--filter",
      paramLabel = "NAME=VALUE",
      description =
          "Only what was made before until=TIME, has label=NAME[=VALUE], or has not"
              + " label!=NAME[=VALUE].")
  private List<String> filters = new ArrayList<>();

  /** What it is about to do, for the question. */
  abstract String warning();

  /** Refuses what these things cannot be asked by. */
  void check(PruneOptions options) {}

  /** Removes what {@code options} let it. */
  abstract PruneReport prune(Pinnace pinnace, PruneOptions options);

  @Override
  final int execute(Pinnace pinnace) {
    PruneOptions options = options();
    check(options);
    if (!force) {
      Optional<String> answer = answer();
      if (answer.isEmpty()) {
        err()
            .println(
                "pinnace: there is no answer on standard input: nothing was removed; use --force"
                    + " where nobody is there to be asked");
        return Failures.OURS;
      }
      if (!answer.get().strip().toLowerCase(Locale.ROOT).equals("y")) {
        reclaimed(Bytes.ZERO);
        return OK;
      }
    }
    PruneReport report = prune(pinnace, options);
    if (!report.containers().isEmpty()) {
      out().println("Deleted Containers:");
      report.containers().forEach(id -> out().println(id.hex()));
      out().println();
    }
    if (!report.volumes().isEmpty()) {
      out().println("Deleted Volumes:");
      report.volumes().forEach(out()::println);
      out().println();
    }
    if (!report.images().isEmpty()) {
      out().println("Deleted Images:");
      for (ImageRemoval image : report.images()) {
        image.untagged().forEach(name -> out().println("untagged: " + name));
        image.deleted().ifPresent(id -> out().println("deleted: " + id));
      }
      out().println();
    }
    reclaimed(report.freed());
    return OK;
  }

  /** Says how much there is now; nothing of what takes no space. */
  void reclaimed(Bytes freed) {
    out().println("Total reclaimed space: " + Sizes.of(freed));
  }

  private PruneOptions options() {
    PruneOptions options = PruneOptions.DEFAULTS;
    for (String text : filters) {
      int equals = text.indexOf('=');
      String name = equals < 0 ? text : text.substring(0, equals);
      String value = text.substring(equals + 1);
      String[] label = value.split("=", 2);
      String labelValue = label.length == 2 ? label[1] : "";
      switch (equals < 1 || value.isEmpty() ? "" : name) {
        case "until" ->
            options =
                options.withCreatedBefore(Times.parse("--filter until", value, Instant.now()));
        case "label" -> options = options.withLabel(label[0], labelValue);
        case "label!" -> options = options.withoutLabel(label[0], labelValue);
        default ->
            throw new InvalidSpecException(
                "--filter "
                    + text
                    + ": write until=TIME, label=NAME[=VALUE] or label!=NAME[=VALUE]");
      }
    }
    return options;
  }

  /** What is said to the question; empty at the end of input. */
  private Optional<String> answer() {
    out().println("WARNING! " + warning());
    out().print("Are you sure you want to continue? [y/N] ");
    out().flush();
    try {
      Optional<String> answer =
          Optional.ofNullable(
              new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))
                  .readLine());
      if (answer.isEmpty()) {
        out().println();
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the answer; use --force", e);
    }
  }
}

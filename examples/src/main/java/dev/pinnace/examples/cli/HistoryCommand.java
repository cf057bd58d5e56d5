package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "history",
    description = {
      "Shows how an image was made, the last step first.",
      "SIZE is the length of the files of the step's layer, as in \"images\"."
    })
final class HistoryCommand extends EngineCommand {
  private static final String MISSING = "<missing>";
  private static final int LONGEST = 45;

  private static final Listing ROWS =
      new Listing(
          Map.of(
              "ID", "IMAGE",
              "CreatedSince", "CREATED",
              "CreatedAt", "CREATED AT",
              "CreatedBy", "CREATED BY",
              "Size", "SIZE",
              "Comment", "COMMENT"),
          List.of("ID", "CreatedSince", "CreatedBy", "Size", "Comment"));

  @Parameters(paramLabel = "IMAGE", description = "Name or id.")
  private String image;

  @Option(names = "--no-trunc", description = "Print whole ids and commands.")
  private boolean whole;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print ids only.")
  private boolean quiet;

  @Option(
      names = {"-H", "--human"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Ages and units; with false times and bytes. By default true.")
  private boolean human = true;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.ID}}, {{.CreatedBy}}, {{.Size}} ...")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Instant now = Instant.now();
    List<Map<String, String>> rows = new ArrayList<>();
    for (ImageStep step : pinnace.images().history(image)) {
      rows.add(row(step, now));
    }
    if (quiet) {
      rows.forEach(row -> out().println(row.get("ID")));
    } else {
      ROWS.print(out(), format, rows);
    }
    return OK;
  }

  private Map<String, String> row(ImageStep step, Instant now) {
    String command = step.createdBy();
    String at = step.created().map(Instant::toString).orElse("N/A");
    Map<String, String> row = new LinkedHashMap<>();
    row.put("ID", step.id().map(this::id).orElse(MISSING));
    row.put("CreatedSince", human ? step.created().map(t -> Times.ago(t, now)).orElse("N/A") : at);
    row.put("CreatedAt", at);
    row.put("CreatedBy", whole ? command : shortened(command));
    row.put("Size", human ? Sizes.brief(step.size()) : Long.toString(step.size().count()));
    row.put("Comment", step.comment());
    return row;
  }

  private String id(Digest id) {
    return whole ? id.toString() : id.shortHex();
  }

  private static String shortened(String command) {
    return command.length() <= LONGEST ? command : command.substring(0, LONGEST - 1) + "\u2026";
  }
}

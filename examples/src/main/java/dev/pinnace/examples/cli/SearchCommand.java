package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.SearchResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "search", description = "Searches a registry, Docker's own by default.")
final class SearchCommand extends EngineCommand {
  private static final int LONGEST = 45;
  private static final int MOST = 100;

  private static final Listing ROWS =
      new Listing(
          Map.of(
              "Name", "NAME",
              "Description", "DESCRIPTION",
              "StarCount", "STARS",
              "IsOfficial", "OFFICIAL"),
          List.of("Name", "Description", "StarCount", "IsOfficial"));

  @Parameters(paramLabel = "[SERVER/]TERM", description = "What to look for.")
  private String term;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "The most results, 1 to 100; 25 by default.")
  private int limit = 25;

  @Option(names = "--no-trunc", description = "Whole descriptions.")
  private boolean whole;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "KEY=VALUE",
      description = "stars=N or is-official=true|false")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Name}}, {{.Description}} ...")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    if (limit < 1 || limit > MOST) {
      throw new InvalidSpecException("--limit must lie between 1 and 100, not at " + limit);
    }
    Predicate<SearchResult> fits =
        filters.stream().map(SearchCommand::filter).reduce(result -> true, Predicate::and);
    List<Map<String, String>> rows =
        pinnace.images().search(term, limit).stream().filter(fits).map(this::row).toList();
    ROWS.print(out(), format, rows);
    return OK;
  }

  private static Predicate<SearchResult> filter(String text) {
    int equals = text.indexOf('=');
    String value = text.substring(equals + 1);
    switch (text.substring(0, Math.max(0, equals))) {
      case "stars" -> {
        int least = whole(value);
        return result -> result.stars() >= least;
      }
      case "is-official" -> {
        if (!value.equals("true") && !value.equals("false")) {
          throw new InvalidSpecException(
              "the filter is-official is true or false, not \"" + value + "\"");
        }
        return result -> result.official() == value.equals("true");
      }
      default ->
          throw new InvalidSpecException(
              "there is no filter \"" + text + "\": stars=N or is-official=true");
    }
  }

  private static int whole(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new InvalidSpecException("\"" + text + "\" is no number of stars");
    }
    return Integer.parseInt(text);
  }

  private Map<String, String> row(SearchResult result) {
    String line = result.description().replaceAll("\\s+", " ").strip();
    Map<String, String> row = new LinkedHashMap<>();
    row.put("Name", result.name());
    row.put(
        "Description",
        whole || line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "\u2026");
    row.put("StarCount", Integer.toString(result.stars()));
    row.put("IsOfficial", result.official() ? "[OK]" : "");
    return row;
  }
}

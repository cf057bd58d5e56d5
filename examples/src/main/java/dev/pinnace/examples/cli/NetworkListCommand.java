package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "ls", description = "Lists networks.")
final class NetworkListCommand extends EngineCommand {
  private static final int SHORT = 12;
  private static final String LOCAL = "local";
  private static final String BUILTIN = "builtin";
  private static final String CUSTOM = "custom";

  private static final Listing ROWS =
      new Listing(
          Map.of(
              "CreatedAt", "CREATED AT",
              "Driver", "DRIVER",
              "ID", "NETWORK ID",
              "IPv4", "IPV4",
              "IPv6", "IPV6",
              "Internal", "INTERNAL",
              "Labels", "LABELS",
              "Name", "NAME",
              "Scope", "SCOPE"),
          List.of("ID", "Name", "Driver", "Scope"));

  @Option(
      names = {"-q", "--quiet"},
      description = "Print ids only.")
  private boolean quiet;

  @Option(names = "--no-trunc", description = "Print ids in full.")
  private boolean whole;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "NAME=VALUE",
      description =
          "dangling=true|false, label=NAME[=VALUE], driver=bridge|host|null, type=builtin|custom,"
              + " scope=local, an expression for the name or the id.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Name}}, {{.Driver}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    List<FilterFlag> flags = filters.stream().map(FilterFlag::parse).toList();
    List<Map<String, Object>> rows = new ArrayList<>();
    pinnace.networks().list(filter(flags)).stream()
        .filter(network -> isAsked("driver", NetworkCreateCommand.BRIDGE, flags))
        .filter(network -> matches("name", network.name(), flags))
        .filter(network -> matches("id", network.id(), flags))
        .filter(network -> isAsked("type", network.isPredefined() ? BUILTIN : CUSTOM, flags))
        .map(this::row)
        .forEach(rows::add);
    Stream.of(ModeNetwork.values())
        .filter(mode -> isAsked(mode, flags))
        .map(this::row)
        .forEach(rows::add);
    if (!isAsked("scope", LOCAL, flags)) {
      rows.clear();
    }
    rows.sort(Comparator.comparing(row -> String.valueOf(row.get("Name"))));
    if (quiet && format.isEmpty()) {
      rows.forEach(row -> out().println(row.get("ID")));
    } else {
      ROWS.print(out(), format, rows);
    }
    return OK;
  }

  /** Whether a network where that is {@code value} is to be listed. */
  private static boolean isAsked(String name, String value, List<FilterFlag> flags) {
    List<FilterFlag> asked = flags.stream().filter(flag -> flag.name().equals(name)).toList();
    return asked.isEmpty() || asked.stream().anyMatch(flag -> flag.value().equals(value));
  }

  private static boolean isAsked(ModeNetwork mode, List<FilterFlag> flags) {
    return isAsked("driver", mode.driver(), flags)
        && isAsked("type", BUILTIN, flags)
        && matches("name", mode.word(), flags)
        && matches("id", mode.id(), flags)
        && flags.stream().noneMatch(flag -> flag.name().equals("label"))
        && flags.stream().noneMatch(flag -> flag.name().equals("dangling") && flag.isTrue());
  }

  /** Whether an expression that is asked for finds something in a text, as with Docker. */
  private static boolean matches(String name, String text, List<FilterFlag> flags) {
    List<FilterFlag> asked = flags.stream().filter(flag -> flag.name().equals(name)).toList();
    return asked.isEmpty() || asked.stream().anyMatch(flag -> flag.pattern().matcher(text).find());
  }

  private String shown(String id) {
    return whole ? id : id.substring(0, SHORT);
  }

  private static NetworkFilter filter(List<FilterFlag> filters) {
    NetworkFilter filter = NetworkFilter.all();
    for (FilterFlag flag : filters) {
      filter =
          switch (flag.name()) {
            case "dangling" -> filter.dangling(flag.isTrue());
            case "label" -> filter.label(flag.label().getKey(), flag.label().getValue());
            case "type" -> {
              if (!flag.value().equals(BUILTIN) && !flag.value().equals(CUSTOM)) {
                throw flag.unknown("type=" + BUILTIN + " or type=" + CUSTOM);
              }
              yield filter;
            }
            case "driver", "id", "name", "scope" -> filter;
            default -> throw flag.unknown("dangling, driver, id, label, name, scope or type");
          };
    }
    return filter;
  }

  private Map<String, Object> row(NetworkState network) {
    Map<String, Object> row = row(network.name(), network.id(), NetworkCreateCommand.BRIDGE);
    row.put("CreatedAt", Times.at(network.created()));
    row.put("IPv6", Boolean.toString(network.ipv6().isPresent()));
    row.put("Internal", Boolean.toString(network.spec().internal()));
    row.put("Labels", new RowLabels(network.spec().labels()));
    return row;
  }

  private Map<String, Object> row(ModeNetwork mode) {
    return row(mode.word(), mode.id(), mode.driver());
  }

  private Map<String, Object> row(String name, String id, String driver) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("CreatedAt", "N/A");
    row.put("Driver", driver);
    row.put("ID", shown(id));
    row.put("IPv4", "true");
    row.put("IPv6", "false");
    row.put("Internal", "false");
    row.put("Labels", new RowLabels(Map.of()));
    row.put("Name", name);
    row.put("Scope", LOCAL);
    return row;
  }
}

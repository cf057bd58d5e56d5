package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "ls", description = "Lists networks.")
final class NetworkListCommand extends EngineCommand {
  private static final int SHORT = 12;
  private static final String LOCAL = "local";

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
          "dangling=true|false, label=NAME[=VALUE], a part of the name or the id; driver, scope and"
              + " type are those of all: bridge, local and custom.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Name}}, {{.Driver}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    List<FilterFlag> flags = filters.stream().map(FilterFlag::parse).toList();
    NetworkFilter filter = filter(flags);
    List<NetworkState> networks =
        isOfAll("driver", NetworkCreateCommand.BRIDGE, flags)
                && isOfAll("scope", LOCAL, flags)
                && isOfAll("type", "custom", flags)
            ? pinnace.networks().list(filter)
            : List.of();
    if (quiet && format.isEmpty()) {
      networks.forEach(network -> out().println(id(network)));
    } else {
      ROWS.print(out(), format, networks.stream().map(this::row).toList());
    }
    return OK;
  }

  /** What all networks have in common is what was asked for, if anything was. */
  private static boolean isOfAll(String name, String value, List<FilterFlag> flags) {
    List<FilterFlag> asked = flags.stream().filter(flag -> flag.name().equals(name)).toList();
    return asked.isEmpty() || asked.stream().anyMatch(flag -> flag.value().equals(value));
  }

  private String id(NetworkState network) {
    return whole ? network.id() : network.id().substring(0, SHORT);
  }

  private static NetworkFilter filter(List<FilterFlag> filters) {
    NetworkFilter filter = NetworkFilter.all();
    for (FilterFlag flag : filters) {
      filter =
          switch (flag.name()) {
            case "dangling" -> filter.dangling(flag.isTrue());
            case "label" -> filter.label(flag.label().getKey(), flag.label().getValue());
            case "name" -> filter.nameContaining(flag.value());
            case "id" -> filter.idContaining(flag.value());
            case "driver", "scope", "type" -> filter;
            default -> throw flag.unknown("dangling, driver, id, label, name, scope or type");
          };
    }
    return filter;
  }

  private Map<String, Object> row(NetworkState network) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("CreatedAt", Times.at(network.created()));
    row.put("Driver", NetworkCreateCommand.BRIDGE);
    row.put("ID", id(network));
    row.put("IPv4", "true");
    row.put("IPv6", Boolean.toString(network.ipv6().isPresent()));
    row.put("Internal", Boolean.toString(network.spec().internal()));
    row.put("Labels", new RowLabels(network.spec().labels()));
    row.put("Name", network.name());
    row.put("Scope", LOCAL);
    return row;
  }
}

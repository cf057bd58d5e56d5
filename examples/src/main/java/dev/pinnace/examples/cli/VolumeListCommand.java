package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "ls", description = "Lists volumes.")
final class VolumeListCommand extends EngineCommand {
  private static final String UNKNOWN = "N/A";

  private static final Listing ROWS =
      new Listing(
          Map.of(
              "Availability", "AVAILABILITY",
              "Driver", "DRIVER",
              "Group", "GROUP",
              "Labels", "LABELS",
              "Links", "LINKS",
              "Mountpoint", "MOUNTPOINT",
              "Name", "VOLUME NAME",
              "Scope", "SCOPE",
              "Size", "SIZE",
              "Status", "STATUS"),
          List.of("Driver", "Name"));

  @Option(
      names = {"-q", "--quiet"},
      description = "Print names only.")
  private boolean quiet;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "NAME=VALUE",
      description = "dangling=true|false, driver, label=NAME[=VALUE], or a part of the name.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.Name}}, {{.Driver}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    List<VolumeState> volumes = pinnace.volumes().list(filter(filters));
    if (quiet && format.isEmpty()) {
      volumes.forEach(volume -> out().println(volume.name()));
    } else {
      ROWS.print(out(), format, volumes.stream().map(VolumeListCommand::row).toList());
    }
    return OK;
  }

  private static VolumeFilter filter(List<String> filters) {
    VolumeFilter filter = VolumeFilter.all();
    for (String text : filters) {
      FilterFlag flag = FilterFlag.parse(text);
      filter =
          switch (flag.name()) {
            case "dangling" -> filter.dangling(flag.isTrue());
            case "driver" -> filter.driver(flag.value());
            case "label" -> filter.label(flag.label().getKey(), flag.label().getValue());
            case "name" -> filter.nameContaining(flag.value());
            default -> throw flag.unknown("dangling, driver, label or name");
          };
    }
    return filter;
  }

  private static Map<String, Object> row(VolumeState volume) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Availability", UNKNOWN);
    row.put("Driver", volume.spec().driver());
    row.put("Group", UNKNOWN);
    row.put("Labels", new RowLabels(volume.spec().labels()));
    row.put("Links", UNKNOWN);
    row.put("Mountpoint", volume.path().map(Object::toString).orElse(""));
    row.put("Name", volume.name());
    row.put("Scope", "local");
    row.put("Size", UNKNOWN);
    row.put("Status", UNKNOWN);
    return row;
  }
}

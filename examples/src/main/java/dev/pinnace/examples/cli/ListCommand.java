package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "ps", description = "Lists running containers, or with -a all of them.")
final class ListCommand extends EngineCommand {
  @Option(
      names = {"-a", "--all"},
      description = "All containers, not only those that run.")
  private boolean all;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print ids only.")
  private boolean quiet;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "NAME=VALUE",
      description =
          "id, name, label, status, health, ancestor, volume, network, publish, expose, before,"
              + " since, exited.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      description = "The N that were made last, whether they run or not.")
  private Optional<Integer> last = Optional.empty();

  @Option(
      names = {"-l", "--latest"},
      description = "The one that was made last; -n 1.")
  private boolean latest;

  @Option(
      names = {"-s", "--size"},
      description = "Measure what each has written, and with its image together.")
  private boolean sizes;

  @Option(names = "--no-trunc", description = "Print whole ids and commands.")
  private boolean whole;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "json, table, or text with {{.ID}}, {{.Names}} ..., after table in columns")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Instant now = Instant.now();
    int most = latest ? 1 : last.filter(n -> n >= 0).orElse(Integer.MAX_VALUE);
    boolean notAlone = all || most < Integer.MAX_VALUE;
    List<ContainerState> found =
        ContainerFilters.parse(filters, notAlone, pinnace).apply(pinnace.containers()).stream()
            .limit(most)
            .toList();
    boolean measured =
        !quiet && (sizes || format.filter(text -> text.contains(".Size")).isPresent());
    KnownImages images = new KnownImages(pinnace);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (ContainerState state : found) {
      Optional<Image> image = images.of(state);
      Map<String, Object> row = ContainerRow.of(state, image, whole, now);
      if (measured) {
        row.put("Size", size(pinnace, state, image));
      }
      rows.add(row);
    }
    if (all && filters.isEmpty() && most == Integer.MAX_VALUE) { // nobody knows when it was made
      for (Container damaged : pinnace.containers().damaged()) {
        rows.add(ContainerRow.damaged(damaged, whole));
      }
    }
    if (quiet) {
      rows.forEach(row -> out().println(row.get("ID")));
    } else {
      (sizes ? ContainerRow.ROWS_WITH_SIZES : ContainerRow.ROWS).print(out(), format, rows);
    }
    images.damage().forEach(damage -> err().println("pinnace: " + damage));
    return OK;
  }

  /** Of one that has just been removed nothing is there to be measured. */
  private static String size(Pinnace pinnace, ContainerState state, Optional<Image> image) {
    try {
      return ContainerRow.size(
          pinnace.containers().get(state.id().hex()).size(), image.map(Image::size));
    } catch (NotFoundException removed) {
      return "N/A";
    }
  }
}

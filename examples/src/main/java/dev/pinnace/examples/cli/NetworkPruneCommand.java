package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.VolumeFilter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;

@Command(name = "prune", description = "Removes networks that no container uses.")
final class NetworkPruneCommand extends PruneCommand {
  @Override
  String warning() {
    return "This will remove all networks not used by at least one container.";
  }

  @Override
  void check(PruneOptions options) {
    VolumePruneCommand.refuseUntil("network", options);
  }

  @Override
  PruneReport prune(Pinnace pinnace, PruneOptions options) {
    VolumeFilter labelled = options.unnamedVolumes();
    List<String> removed =
        pinnace
            .networks()
            .prune(
                new NetworkFilter(
                    Optional.empty(),
                    Optional.empty(),
                    Set.of(),
                    Set.of(),
                    labelled.labels(),
                    labelled.withoutLabels()));
    if (!removed.isEmpty()) {
      out().println("Deleted Networks:");
      removed.forEach(out()::println);
      out().println();
    }
    return new PruneReport(List.of(), List.of(), List.of(), Bytes.ZERO);
  }

  @Override
  void reclaimed(Bytes freed) {
    // a network takes none
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.VolumeFilter;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "prune", description = "Removes anonymous volumes that no container uses.")
final class VolumePruneCommand extends PruneCommand {
  @Option(
      names = {"-a", "--all"},
      description = "Volumes with names too.")
  private boolean all;

  @Override
  String warning() {
    return "This will remove "
        + (all ? "all" : "anonymous")
        + " local volumes not used by at least one container.";
  }

  @Override
  void check(PruneOptions options) {
    refuseUntil("volume", options);
  }

  /** It is as old as it is, whenever something was written to it last. */
  static void refuseUntil(String what, PruneOptions options) {
    if (options.createdBefore().isPresent()) {
      throw new InvalidSpecException(
          "--filter until is not for " + what + "s: use label=NAME[=VALUE] or label!=NAME[=VALUE]");
    }
  }

  @Override
  PruneReport prune(Pinnace pinnace, PruneOptions options) {
    VolumeFilter unnamed = options.unnamedVolumes();
    return pinnace
        .volumes()
        .prune(
            all
                ? new VolumeFilter(
                    Optional.empty(),
                    Optional.empty(),
                    Set.of(),
                    Set.of(),
                    unnamed.labels(),
                    unnamed.withoutLabels())
                : unnamed);
  }
}

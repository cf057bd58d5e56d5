package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import picocli.CommandLine.Command;

@Command(name = "prune", description = "Removes the containers that do not run.")
final class ContainerPruneCommand extends PruneCommand {
  @Override
  String warning() {
    return "This will remove all stopped containers.";
  }

  @Override
  PruneReport prune(Pinnace pinnace, PruneOptions options) {
    return pinnace.containers().prune(options.containers());
  }
}

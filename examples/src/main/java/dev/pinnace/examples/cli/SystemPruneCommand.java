package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "prune", description = "Removes ended containers and images that nobody needs.")
final class SystemPruneCommand extends PruneCommand {
  @Option(
      names = {"-a", "--all"},
      description = "Images with names too, if no container uses them.")
  private boolean all;

  @Option(names = "--volumes", description = "Anonymous volumes too that no container uses.")
  private boolean volumes;

  @Override
  String warning() {
    return "This will remove:\n  - all stopped containers\n"
        + (volumes ? "  - all anonymous volumes not used by at least one container\n" : "")
        + "  - all "
        + (all ? "images without at least one container associated to them" : "dangling images")
        + "\n  - what cancelled downloads have left\n";
  }

  @Override
  void check(PruneOptions options) {
    if (volumes) {
      VolumePruneCommand.refuseUntil("volume", options);
    }
  }

  @Override
  PruneReport prune(Pinnace pinnace, PruneOptions options) {
    PruneOptions wanted = volumes ? options.withVolumes() : options;
    return pinnace.prune(all ? wanted.withAllImages() : wanted);
  }
}

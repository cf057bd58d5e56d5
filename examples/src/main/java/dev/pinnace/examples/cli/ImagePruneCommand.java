package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "prune", description = "Removes images without a name that no container uses.")
final class ImagePruneCommand extends PruneCommand {
  @Option(
      names = {"-a", "--all"},
      description = "Images with names too, if no container uses them.")
  private boolean all;

  @Override
  String warning() {
    return all
        ? "This will remove all images without at least one container associated to them."
        : "This will remove all dangling images.";
  }

  @Override
  PruneReport prune(Pinnace pinnace, PruneOptions options) {
    return pinnace.images().prune((all ? options.withAllImages() : options).images());
  }
}

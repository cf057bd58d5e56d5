package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.ImageRemoval;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rmi", description = "Removes names of images, and images with their last name.")
final class RemoveImageCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Names or ids.")
  private List<String> images;

  @Option(
      names = {"-f", "--force"},
      description = "Even if a container uses it; ignore those that are not there.")
  private boolean force;

  @SuppressWarnings("UnusedVariable") // accepted, and nothing to do
  @Option(
      names = "--no-prune",
      description = "Leave their untagged parents, of which there are none.")
  private boolean noPrune;

  @Override
  int execute(Pinnace pinnace) {
    int code = OK;
    for (String name : images) {
      try {
        ImageRemoval removed = pinnace.images().remove(name, force);
        removed.untagged().forEach(reference -> out().println("Untagged: " + reference));
        removed.deleted().ifPresent(id -> out().println("Deleted: " + id));
      } catch (NotFoundException e) {
        int failed = Failures.report(err(), e);
        code = force ? code : failed; // as with Docker, where nothing is left to do
      } catch (PinnaceException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }
}

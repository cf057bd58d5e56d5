package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rmi", description = "Takes names away from images; with the last one they go.")
final class RemoveImageCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Names or ids.")
  private List<String> images;

  @Option(
      names = {"-f", "--force"},
      description = "Even if a container uses it.")
  private boolean force;

  /** Empty for a damaged image, which can be removed all the same, and for none. */
  private static Optional<Image> readable(Pinnace pinnace, String name) {
    try {
      return pinnace.images().find(name);
    } catch (CorruptException | NotFoundException damage) {
      return Optional.empty();
    }
  }

  @Override
  int execute(Pinnace pinnace) {
    int code = OK;
    for (String name : images) {
      try {
        Optional<Image> readable = readable(pinnace, name);
        pinnace.images().remove(name, force);
        if (readable.isEmpty()) {
          out().println("Deleted: " + name);
          continue;
        }
        Image image = readable.get();
        Optional<Image> left = pinnace.images().find(image.id().toString());
        List<String> kept = left.map(Image::references).orElse(List.of());
        image.references().stream()
            .filter(reference -> !kept.contains(reference))
            .forEach(reference -> out().println("Untagged: " + reference));
        if (left.isEmpty()) {
          out().println("Deleted: " + image.id());
        }
      } catch (PinnaceException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }
}

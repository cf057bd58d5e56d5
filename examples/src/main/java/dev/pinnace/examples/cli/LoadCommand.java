package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ImageReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "load",
    description = "Reads images: a \"docker save\" archive or an OCI layout, tar or directory.")
final class LoadCommand extends EngineCommand {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "The archive or directory; standard input by default.")
  private Optional<Path> input = Optional.empty();

  @SuppressWarnings("UnusedVariable") // accepted, and nothing to do
  @Option(
      names = {"-q", "--quiet"},
      description = "No progress, of which there is none.")
  private boolean quiet;

  @Override
  int execute(Pinnace pinnace) {
    List<Image> images =
        input.isPresent() ? pinnace.images().load(input.get()) : pinnace.images().load(System.in);
    for (Image image : images) {
      if (image.references().isEmpty()) {
        out().println("Loaded image ID: " + image.id());
      }
      for (String reference : image.references()) {
        out().println("Loaded image: " + ImageReference.parse(reference).familiar());
      }
    }
    return OK;
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.Platform;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "load",
    description = {
      "Reads images from an archive or a directory.",
      "That is one of \"docker save\", compressed or not, or an OCI layout, as a tar or a directory."
    })
final class LoadCommand extends EngineCommand {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "The archive or directory; standard input by default.")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not say which images lost their names to those that were loaded.")
  private boolean quiet;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Images for that platform, and nothing if one is not there for it.")
  private Optional<String> platform = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    if (input.isEmpty() && Streams.isTerminal(0)) {
      throw new InvalidSpecException(
          "requested load from stdin, but stdin is a terminal: use the -i flag or redirect");
    }
    Map<String, Digest> before = quiet ? Map.of() : names(pinnace);
    List<Image> images = load(pinnace.images());
    for (Image image : images) {
      if (image.references().isEmpty()) {
        out().println("Loaded image ID: " + image.id());
      }
      for (String reference : image.references()) {
        Digest old = before.getOrDefault(reference, image.id());
        if (!old.equals(image.id())) {
          out()
              .println(
                  "The image "
                      + reference
                      + " already exists, renaming the old one with ID "
                      + old
                      + " to empty string");
        }
        out().println("Loaded image: " + reference);
      }
    }
    return OK;
  }

  private List<Image> load(Images images) {
    Optional<Platform> wanted = platform.map(Platform::parse);
    if (input.isPresent()) {
      Path archive = input.get();
      return wanted.map(only -> images.load(archive, only)).orElseGet(() -> images.load(archive));
    }
    InputStream archive = Streams.standardInput();
    return wanted.map(only -> images.load(archive, only)).orElseGet(() -> images.load(archive));
  }

  private static Map<String, Digest> names(Pinnace pinnace) {
    Map<String, Digest> names = new HashMap<>();
    for (ImageSummary image : pinnace.images().list()) {
      image.references().forEach(reference -> names.put(reference, image.id()));
    }
    return names;
  }
}

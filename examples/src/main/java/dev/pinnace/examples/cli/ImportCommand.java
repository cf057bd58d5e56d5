package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.Platform;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "import", description = "Makes an image of a tar of files; prints its id.")
final class ImportCommand extends EngineCommand {
  @Parameters(
      index = "0",
      paramLabel = "FILE|URL|-",
      description = "The tar, compressed or not; - for standard input.")
  private String source;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME[:TAG]",
      description = "The image's name.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description = "Set the configuration by an instruction of a Dockerfile, as CMD or ENV.")
  private List<String> changes = new ArrayList<>();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What the image's history says of it.")
  private Optional<String> message = Optional.empty();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "What its programs run on; this host by default.")
  private Optional<String> platform = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    ImportSpec spec = new ImportSpec(name, message, changes, platform.map(Platform::parse));
    out().println(image(pinnace, spec).id());
    return OK;
  }

  private Image image(Pinnace pinnace, ImportSpec spec) {
    if (source.equals("-")) {
      return pinnace.images().importTar(Streams.standardInput(), spec);
    }
    if (source.startsWith("http://") || source.startsWith("https://")) {
      try {
        return pinnace.images().importTar(new URI(source), spec);
      } catch (URISyntaxException e) {
        // Without the cause: its message has the password. One that is not encoded may have any
        // character.
        throw new InvalidSpecException(
            source.replaceFirst("(?s)//.*@", "//") + " is no URL: " + e.getReason());
      }
    }
    return pinnace.images().importTar(Path.of(source), spec);
  }
}

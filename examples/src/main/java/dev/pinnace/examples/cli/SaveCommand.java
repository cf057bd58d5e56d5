package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.SaveOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "save", description = "Writes images into an archive, as docker and podman load.")
final class SaveCommand extends EngineCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Names or ids; a name without a tag means all its tags.")
  private List<String> images;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write them; standard output by default.")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "docker-archive (by default), oci-archive, or oci-dir with -o DIRECTORY.")
  private String format = "docker-archive";

  @Override
  int execute(Pinnace pinnace) {
    SaveOptions options = SaveOptions.of(format());
    if (output.isPresent()) {
      pinnace.images().save(images, output.get(), options);
      return OK;
    }
    if (options.format() == SaveOptions.Format.OCI_DIRECTORY) {
      throw new InvalidSpecException("--format oci-dir needs -o DIRECTORY");
    }
    Streams.toStandardOutput("save", out -> pinnace.images().save(images, out, options));
    return OK;
  }

  private SaveOptions.Format format() {
    return switch (format) {
      case "docker-archive" -> SaveOptions.Format.DOCKER_ARCHIVE;
      case "oci-archive" -> SaveOptions.Format.OCI_ARCHIVE;
      case "oci-dir" -> SaveOptions.Format.OCI_DIRECTORY;
      default ->
          throw new InvalidSpecException(
              "--format " + format + ": there are docker-archive, oci-archive and oci-dir");
    };
  }
}

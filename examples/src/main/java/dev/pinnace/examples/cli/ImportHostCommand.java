package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.Pinnace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "import-host",
    description = {
      "Makes an image of programs of this host; prints its id.",
      "The libraries that they need go along. The first program is the image's command."
    })
final class ImportHostCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "PROGRAM", description = "Names in PATH, or paths.")
  private List<String> programs;

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "NAME",
      description = "The image's name; localhost/host:latest by default.")
  private Optional<String> tag = Optional.empty();

  @Option(names = "--with", paramLabel = "PATH", description = "Add a file or directory.")
  private List<Path> with = new ArrayList<>();

  @Override
  int execute(Pinnace pinnace) {
    Images.HostImage image = pinnace.images().host(programs.toArray(String[]::new));
    with.forEach(path -> image.with(path.toAbsolutePath()));
    tag.ifPresent(image::named);
    Image made = image.build();
    out().println(made.id());
    made.references().forEach(name -> err().println("pinnace: the image is called " + name));
    return OK;
  }
}

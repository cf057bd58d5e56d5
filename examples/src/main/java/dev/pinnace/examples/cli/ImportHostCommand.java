package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Images;
import dev.pinnace.Pinnace;
import dev.pinnace.error.Printable;
import java.nio.file.Files;
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
      "The libraries and the interpreters that they need go along. The first program is the image's"
          + " command."
    })
final class ImportHostCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "PROGRAM", description = "Names in PATH, or paths.")
  private List<String> programs;

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "NAME",
      description = "The image's name; localhost/host:latest by default.")
  private Optional<String> tag = Optional.empty();

  @Option(
      names = "--with",
      paramLabel = "PATH[:AT]",
      description =
          "Add a file or directory with the libraries that its files need; at AT in the image, or at"
              + " its own path.")
  private List<String> with = new ArrayList<>();

  @Override
  int execute(Pinnace pinnace) {
    Images.HostImage image = pinnace.images().host(programs.toArray(String[]::new));
    image.remarks(remark -> err().println("pinnace: " + Printable.line(remark)));
    with.forEach(extra -> add(image, extra));
    tag.ifPresent(image::named);
    Image made = image.build();
    out().println(made.id());
    made.references().forEach(name -> err().println("pinnace: the image is called " + name));
    return OK;
  }

  /** A colon before an absolute path parts them, unless there is a file of that name. */
  private static void add(Images.HostImage image, String extra) {
    int colon = extra.lastIndexOf(":/");
    if (colon <= 0 || Files.exists(Path.of(extra))) {
      image.with(Path.of(extra).toAbsolutePath());
    } else {
      image.with(Path.of(extra.substring(0, colon)).toAbsolutePath(), extra.substring(colon + 1));
    }
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "export", description = "Writes a container's files as a tar.")
final class ExportCommand extends EngineCommand {
  @Parameters(paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write it; standard output by default.")
  private Optional<Path> output = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Container exported = pinnace.containers().get(container);
    if (output.isPresent()) {
      exported.export(output.get());
    } else {
      Streams.toStandardOutput("export", exported::export);
    }
    return OK;
  }
}

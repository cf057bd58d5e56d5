package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description = {
      "Lists what a container has changed of its image's files.",
      "A was added, C changed, D deleted."
    })
final class DiffCommand extends EngineCommand {
  @Parameters(paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Override
  int execute(Pinnace pinnace) {
    pinnace.containers().get(container).diff().forEach(out()::println);
    return OK;
  }
}

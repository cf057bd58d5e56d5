package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.Printable;
import dev.pinnace.spec.Change;
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
    for (Change change : pinnace.containers().get(container).diff()) {
      out().println(Printable.line(change.toString()));
    }
    return OK;
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "rename", description = "Gives a container another name.")
final class RenameCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Parameters(index = "1", paramLabel = "NAME", description = "Its new name.")
  private String name;

  @Override
  int execute(Pinnace pinnace) {
    pinnace.containers().get(container).rename(name);
    return OK;
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "rm", description = "Removes containers with their files.")
final class RemoveCommand extends EachContainerCommand {
  @Option(
      names = {"-f", "--force"},
      description = "Kill those that run.")
  private boolean force;

  @Override
  void act(Container container) {
    container.remove(force);
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "rm", description = "Removes containers with their files.")
final class RemoveCommand extends EachContainerCommand {
  @Option(
      names = {"-f", "--force"},
      description = "Kill those that run; ignore those that are not there.")
  private boolean force;

  @Option(
      names = {"-v", "--volumes"},
      description = "Their anonymous volumes too, if no other container has them.")
  private boolean volumes;

  @Override
  boolean mayBeMissing() {
    return force;
  }

  @Override
  void act(Container container) {
    container.remove(force, volumes);
  }
}

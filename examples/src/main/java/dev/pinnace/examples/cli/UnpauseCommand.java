package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerStatus;
import picocli.CommandLine.Command;

@Command(name = "unpause", description = "Lets the processes of paused containers go on.")
final class UnpauseCommand extends EachContainerCommand {
  @Override
  void act(Container container) {
    if (container.inspect().status() != ContainerStatus.PAUSED) {
      throw new ConflictException("container " + container.name() + " is not paused");
    }
    container.unpause();
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerStatus;
import picocli.CommandLine.Command;

@Command(name = "pause", description = "Freezes all processes of containers.")
final class PauseCommand extends EachContainerCommand {
  @Override
  void act(Container container) {
    if (container.inspect().status() == ContainerStatus.PAUSED) {
      throw new ConflictException("container " + container.name() + " is paused already");
    }
    container.pause();
  }
}

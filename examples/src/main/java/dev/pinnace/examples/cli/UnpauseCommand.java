package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;

@Command(name = "unpause", description = "Lets the processes of paused containers go on.")
final class UnpauseCommand extends EachContainerCommand {
  @Override
  void act(Container container) {
    container.unpause();
  }
}

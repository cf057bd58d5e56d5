package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;

@Command(name = "pause", description = "Freezes all processes of containers.")
final class PauseCommand extends EachContainerCommand {
  @Override
  void act(Container container) {
    container.pause();
  }
}

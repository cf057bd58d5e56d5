package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "stop", description = "Sends the stop signal, later SIGKILL; waits for the end.")
final class StopCommand extends EachContainerCommand {
  @Mixin private StopOptions options = new StopOptions();

  @Override
  void check() {
    options.check();
  }

  @Override
  void act(Container container) {
    options.apply(container, container::stop, container::stop, container::stop);
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "restart", description = "Stops containers that run, and starts them.")
final class RestartCommand extends EachContainerCommand {
  @Mixin private StopOptions options = new StopOptions();

  @Override
  void check() {
    options.check();
  }

  @Override
  void act(Container container) {
    StartCommand.refuseBound(container);
    options.apply(container, container::restart, container::restart, container::restart);
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "restart", description = "Stops containers that run, and starts them.")
final class RestartCommand extends EachContainerCommand {
  @Option(
      names = {"-t", "--time", "--timeout"},
      paramLabel = "SECONDS",
      description = "Between stop signal and SIGKILL.")
  private Optional<Duration> grace = Optional.empty();

  @Override
  void act(Container container) {
    StartCommand.refuseBound(container);
    grace.ifPresentOrElse(container::restart, container::restart);
  }
}

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
      description =
          "Time between stop signal and SIGKILL; by default what the container was made with.")
  private Optional<Duration> grace = Optional.empty();

  @Override
  void act(Container container) {
    StartCommand.refuseBound(container);
    grace.ifPresentOrElse(container::restart, container::restart);
  }
}

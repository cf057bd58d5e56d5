package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "stop", description = "Sends the stop signal, later SIGKILL; waits for the end.")
final class StopCommand extends EachContainerCommand {
  @Option(
      names = {"-t", "--time", "--timeout"},
      paramLabel = "SECONDS",
      description = "Time between the two; by default what the container was made with, else 10.")
  private Optional<Duration> grace = Optional.empty();

  @Override
  void act(Container container) {
    grace.ifPresentOrElse(container::stop, container::stop);
  }
}

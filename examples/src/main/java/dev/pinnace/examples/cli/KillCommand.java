package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.spec.Signal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "kill", description = "Sends a signal to the first process of containers.")
final class KillCommand extends EachContainerCommand {
  @Option(
      names = {"-s", "--signal"},
      paramLabel = "SIGNAL",
      description = "A name or a number; KILL by default.")
  private String signal = "KILL";

  @Override
  void act(Container container) {
    container.kill(Signal.parse(signal));
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import picocli.CommandLine.Command;

@Command(name = "wait", description = "Waits until containers have ended; prints exit codes.")
final class WaitCommand extends EachContainerCommand {
  private int code;

  @Override
  void act(Container container) {
    code = container.await().code();
  }

  @Override
  String done(String name) {
    return Integer.toString(code);
  }
}

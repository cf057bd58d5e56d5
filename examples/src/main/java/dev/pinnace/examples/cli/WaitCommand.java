package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerStatus;
import picocli.CommandLine.Command;

@Command(
    name = "wait",
    description = {
      "Waits until containers have ended; prints exit codes.",
      "One that was never started is not waited for, and has the exit code 0."
    })
final class WaitCommand extends EachContainerCommand {
  private int code;

  @Override
  void act(Container container) {
    code = code(container);
  }

  /** As Docker, it does not wait for the start of one that was only made. */
  private static int code(Container container) {
    try {
      return container.await().code();
    } catch (ConflictException neverStarted) {
      if (container.inspect().status() == ContainerStatus.CREATED) {
        return 0;
      }
      throw neverStarted;
    }
  }

  @Override
  String done(String name) {
    return Integer.toString(code);
  }
}

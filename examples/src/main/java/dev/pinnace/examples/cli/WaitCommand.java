package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.WaitCondition;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "wait",
    description = {
      "Waits until containers have ended; prints exit codes.",
      "One that was never started is not waited for, and has the exit code 0, unless a condition is"
          + " given."
    })
final class WaitCommand extends EachContainerCommand {
  private static final Duration FOREVER = Duration.ofDays(10_000);

  @Option(
      names = "--condition",
      paramLabel = "CONDITION",
      description = "What for: not-running (default), next-exit or removed.")
  private Optional<String> condition = Optional.empty();

  /** What comes to one while another is waited for is not missed. */
  @Override
  boolean mayTakeForever() {
    return true;
  }

  @Override
  boolean follows() {
    return true;
  }

  @Override
  String done(Container container, String name) {
    WaitCondition wanted = condition.map(WaitCommand::parse).orElse(WaitCondition.NOT_RUNNING);
    return Integer.toString(
        wanted == WaitCondition.NOT_RUNNING ? code(container) : container.await(wanted, FOREVER));
  }

  @Override
  void check() {
    WaitCondition unused = condition.map(WaitCommand::parse).orElse(WaitCondition.NOT_RUNNING);
  }

  private static WaitCondition parse(String word) {
    return Arrays.stream(WaitCondition.values())
        .filter(known -> known.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "--condition "
                        + word
                        + " is not known: use not-running, next-exit or removed"));
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
}

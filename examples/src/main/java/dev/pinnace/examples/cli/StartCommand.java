package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spec.ProcessSpec;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "start", description = "Starts containers that do not run.")
final class StartCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or ids.")
  private List<String> containers;

  @Option(
      names = {"-a", "--attach"},
      description = "Pass output and signals on, and exit as the container does.")
  private boolean attach;

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on too; implies -a.")
  private boolean interactive;

  @Option(
      names = "--detach-keys",
      paramLabel = "KEYS",
      description = "What leaves one with a terminal running when it is typed, as in run.")
  private String detachKeys = DetachKeys.USUAL;

  @Override
  int execute(Pinnace pinnace) {
    DetachKeys keys = DetachKeys.parse(detachKeys);
    if (attach || interactive) {
      if (containers.size() > 1) {
        throw new InvalidSpecException("start -a takes one container, not " + containers.size());
      }
      Container container = pinnace.containers().get(containers.get(0));
      return attached(container, keys);
    }
    int code = OK;
    for (String name : containers) {
      try {
        Container container = pinnace.containers().get(name);
        ContainerStatus status = container.inspect().status();
        if (status == ContainerStatus.PAUSED) {
          throw new ConflictException(
              "container " + container.name() + " is paused: unpause it instead");
        }
        if (!status.isAlive()) {
          refuseBound(container);
          start(container);
        }
        out().println(name);
      } catch (RuntimeException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }

  /** As Docker does, one that runs is attached to, and one that takes no input gets none. */
  private int attached(Container container, DetachKeys keys) {
    ContainerState state = container.inspect();
    ProcessSpec process = state.spec().process();
    if (state.status().isAlive()) {
      return Attached.to(container, interactive, keys, true, err()).attach();
    }
    return process.terminal()
        ? Attached.to(container, interactive, keys, true, err()).start()
        : Foreground.run(
            container, interactive && process.stdinOpen(), StreamChoice.ALL, true, err());
  }

  /** That somebody else has just started it is as good. */
  private static void start(Container container) {
    try {
      container.start();
    } catch (ConflictException e) {
      if (!container.inspect().status().isAlive()) {
        throw e;
      }
    }
  }

  /** A bound container would end with this call. */
  static void refuseBound(Container container) {
    if (container.inspect().spec().lifecycle().lifetime() == Lifetime.BOUND) {
      throw new ConflictException(
          container.name()
              + " was made by a run in the foreground and ends with the call that starts it: use"
              + " start -a, or make it with create or run -d");
    }
  }
}

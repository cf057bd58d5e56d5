package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Lifetime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    description = {
      "Makes a container and starts it.",
      "In the foreground it belongs to this call: its output is passed on, it gets the signals"
          + " that this call gets, but for QUIT and USR2, which the JVM keeps, and those of job"
          + " control; and it ends with it. With -d it has no owner.",
      "The third signal (Ctrl-C) ends the call and the container, whatever its program does; a"
          + " program that is the first of its container and handles no signals ignores them."
    })
final class RunCommand extends EngineCommand {
  @Mixin private ContainerOptions container = new ContainerOptions();

  @Option(
      names = {"-d", "--detach"},
      description = "Leave it running; print its id.")
  private boolean detach;

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on.")
  private boolean interactive;

  @Option(
      names = "--sig-proxy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Pass signals on, which is the default; =false lets them end this call.")
  private boolean signals = true;

  @Override
  int execute(Pinnace pinnace) {
    if (detach && interactive) {
      throw new InvalidSpecException(
          "-d and -i do not go together: nothing can be attached later yet");
    }
    ContainerSpec spec = spec();
    if (container.isDryRun()) {
      out().print(pinnace.containers().explain(spec));
      return OK;
    }
    if (!container.pulled(pinnace, err())) {
      return ShownPull.INTERRUPTED;
    }
    Container made = pinnace.containers().create(spec());
    int code =
        Foreground.withNew(
            made,
            () -> {
              container.created(made.id());
              return detach ? OK : Foreground.run(made, interactive, signals, err());
            });
    return detach ? letGo(made) : code;
  }

  /** As Docker does, one whose program cannot be executed stays, to be looked at. */
  private int letGo(Container made) {
    out().println(made.id());
    made.start();
    return OK;
  }

  ContainerSpec spec() {
    return container.spec(detach ? Lifetime.DETACHED : Lifetime.BOUND);
  }
}

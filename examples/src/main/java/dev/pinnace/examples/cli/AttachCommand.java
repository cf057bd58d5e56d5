package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "attach",
    description = {
      "Passes on what a container writes, and what it reads.",
      "It goes on until the container ends, which it exits as, or the keys for that are typed on"
          + " its terminal. Any number of calls may be attached to one container."
    })
final class AttachCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Option(
      names = "--detach-keys",
      paramLabel = "KEYS",
      description = "What leaves it alone when it is typed; by default ctrl-p,ctrl-q.")
  private String detachKeys = DetachKeys.USUAL;

  @Option(names = "--no-stdin", description = "Do not pass standard input on.")
  private boolean noStdin;

  @Option(
      names = "--sig-proxy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Pass signals on, which is the default; =false lets them end this call.")
  private boolean signals = true;

  @Override
  int execute(Pinnace pinnace) {
    DetachKeys keys = DetachKeys.parse(detachKeys);
    Container target = pinnace.containers().get(container);
    if (!target.inspect().status().isAlive()) {
      throw new ConflictException(
          target.name() + " does not run, so that nobody can attach to it: use start -ai");
    }
    return Attached.to(target, !noStdin, keys, signals, err()).attach();
  }
}

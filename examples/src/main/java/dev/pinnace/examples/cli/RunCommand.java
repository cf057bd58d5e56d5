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
      "In the foreground it belongs to this call: its output is passed on, it gets the signals that"
          + " this call gets, but for QUIT and USR2, which the JVM keeps, and those of job control;"
          + " and it ends with it. With -d it has no owner, nor with -it, where the keys of"
          + " --detach-keys leave it running: see attach.",
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
      names = "--detach-keys",
      paramLabel = "KEYS",
      description = "With -it: what leaves it running when it is typed; by default ctrl-p,ctrl-q.")
  private String detachKeys = DetachKeys.USUAL;

  @Option(
      names = "--sig-proxy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Pass signals on, which is the default; =false lets them end this call.")
  private boolean signals = true;

  @Override
  int execute(Pinnace pinnace) {
    if (detach && container.isAttachGiven()) {
      throw new InvalidSpecException("--attach contradicts --detach: leave one out");
    }
    if (!detach && container.hasTerminal() && container.streams().isSilent()) {
      throw new InvalidSpecException(
          "--tty contradicts --attach stdin alone: a terminal shows what it is, so attach stdout"
              + " too, or leave one out");
    }
    DetachKeys keys = DetachKeys.parse(detachKeys);
    ContainerSpec spec = spec();
    if (container.isDryRun()) {
      out().print(pinnace.containers().explain(spec));
      return OK;
    }
    if (container.isInteractive()
        && container.streams().stdin()
        && container.hasTerminal()
        && !detach) {
      OwnTerminal.require();
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
              return detach ? OK : stay(made, keys);
            });
    return detach ? letGo(made) : code;
  }

  private int stay(Container made, DetachKeys keys) {
    StreamChoice streams = container.streams();
    boolean fed = container.isInteractive() && streams.stdin();
    if (streams.isSilent()) {
      out().println(made.id());
    } else if (container.hasTerminal()) {
      return Attached.to(made, fed, keys, signals, err()).start();
    }
    return Foreground.run(made, fed, streams, signals, err());
  }

  /** As Docker does, one whose program cannot be executed stays, to be looked at. */
  private int letGo(Container made) {
    out().println(made.id());
    made.start();
    return OK;
  }

  ContainerSpec spec() {
    boolean leaving =
        container.isInteractive() && container.hasTerminal() && !container.streams().isSilent();
    return container.spec(detach || leaving ? Lifetime.DETACHED : Lifetime.BOUND, !detach);
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Lifetime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "create", description = "Makes a container that does not run; prints its id.")
final class CreateCommand extends EngineCommand {
  @Mixin private ContainerOptions container = new ContainerOptions();

  @Override
  int execute(Pinnace pinnace) {
    ContainerSpec spec = spec();
    if (container.isDryRun()) {
      out().print(pinnace.containers().explain(spec));
      return OK;
    }
    if (!container.pulled(pinnace, err())) {
      return ShownPull.INTERRUPTED;
    }
    Container made = pinnace.containers().create(spec());
    return Foreground.withNew(
        made,
        () -> {
          container.created(made.id());
          out().println(made.id());
          return OK;
        });
  }

  ContainerSpec spec() {
    return container.spec(Lifetime.DETACHED, true);
  }
}

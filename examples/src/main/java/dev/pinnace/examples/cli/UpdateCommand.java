package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Limits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "update",
    description = {
      "Changes the limits of containers, at once and for good.",
      "What is not given stays as it is. 0 changes nothing either, but for --pids-limit and limits"
          + " of devices, which it lifts. Less memory than a running container needs is refused."
    })
final class UpdateCommand extends EachContainerCommand {
  @Mixin private LimitOptions limits = new LimitOptions();

  @Override
  void check() {
    if (!limits.areGiven()) {
      throw new InvalidSpecException("update needs a limit to change: give a flag, as in -m 256m");
    }
    limits.check();
  }

  @Override
  void act(Container container) {
    Limits earlier = container.inspect().spec().limits();
    container.update(limits.over(earlier));
  }
}

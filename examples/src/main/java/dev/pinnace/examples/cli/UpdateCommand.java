package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.RestartPolicy;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "update",
    description = {
      "Changes limits and restart policies of containers for good.",
      "What is not given stays as it is. 0 changes nothing either, but for --pids-limit and limits"
          + " of devices, which it lifts. Less memory than a running container needs is refused."
    })
final class UpdateCommand extends EachContainerCommand {
  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(
      names = "--restart",
      paramLabel = "POLICY",
      description = "From now on: no, on-failure[:N], always or unless-stopped.")
  private Optional<String> restart = Optional.empty();

  private Optional<RestartPolicy> policy = Optional.empty();

  @Override
  void check() {
    policy = restart.map(RestartPolicy::parse);
    if (!limits.areGiven() && policy.isEmpty()) {
      throw new InvalidSpecException(
          "update needs something to change: give a flag, as in -m 256m or --restart always");
    }
    limits.check();
  }

  @Override
  void act(Container container) {
    if (limits.areGiven()) {
      Limits earlier = container.inspect().spec().limits();
      container.update(limits.over(earlier));
    }
    policy.ifPresent(container::update);
  }
}

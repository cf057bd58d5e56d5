package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.PortBinding;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "port", description = "Prints the host's ports that lead to a running container.")
final class PortCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "CONTAINER", description = "Name or id.")
  private String container = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PORT",
      description = "Only those that lead to this PORT[/udp].")
  private Optional<String> port = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Optional<ContainerPort> wanted = port.map(PortCommand::one);
    ContainerState state = pinnace.containers().get(container).inspect();
    List<PortBinding> bindings = ShownPorts.bound(state);
    if (wanted.isEmpty()) {
      bindings.forEach(binding -> out().println(binding.container() + " -> " + binding.hostText()));
      return OK;
    }
    List<PortBinding> found =
        bindings.stream().filter(binding -> binding.container().equals(wanted.get())).toList();
    if (found.isEmpty()) {
      throw new NotFoundException(
          "no public port \"" + wanted.get() + "\" is published for " + state.name());
    }
    found.forEach(binding -> out().println(binding.hostText()));
    return OK;
  }

  private static ContainerPort one(String text) {
    List<ContainerPort> ports = ContainerPort.parse(text);
    if (ports.size() > 1) {
      throw new InvalidSpecException("port " + text + ": write one port, as in 80 or 53/udp");
    }
    return ports.get(0);
  }
}

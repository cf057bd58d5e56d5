package dev.pinnace.examples.cli;

import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Removes networks that no container uses.")
final class NetworkRemoveCommand extends EachNameCommand {
  @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Names or ids.")
  private List<String> names;

  @Option(
      names = {"-f", "--force"},
      description = "Ignore those that are not there.")
  private boolean force;

  @Override
  List<String> names() {
    return names;
  }

  @Override
  String kind() {
    return "network";
  }

  @Override
  boolean isForced() {
    return force;
  }

  @Override
  boolean tellsMissing() {
    return false;
  }

  @Override
  boolean remove(Pinnace pinnace, String name) {
    ModeNetwork.refuse(name, "is always there, and cannot be removed");
    Optional<Network> network = pinnace.networks().find(name);
    network.ifPresent(one -> one.remove());
    return network.isPresent();
  }
}

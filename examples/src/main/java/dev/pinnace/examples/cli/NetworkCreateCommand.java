package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "create", description = "Makes a network, and prints its id.")
final class NetworkCreateCommand extends EngineCommand {
  static final String BRIDGE = "bridge";

  @Parameters(arity = "1", paramLabel = "NETWORK", description = "Its name.")
  private String name;

  @Option(
      names = {"-d", "--driver"},
      paramLabel = "NAME",
      description = "bridge, the only one there is.")
  private String driver = BRIDGE;

  @Option(
      names = "--subnet",
      paramLabel = "BLOCK",
      description = "Its addresses, as in 172.28.0.0/16; by default a block that is free.")
  private Optional<String> subnet = Optional.empty();

  @Option(
      names = "--ip-range",
      paramLabel = "BLOCK",
      description = "The part of the subnet that containers get addresses of.")
  private Optional<String> range = Optional.empty();

  @Option(
      names = "--gateway",
      paramLabel = "ADDRESS",
      description = "The bridge's own; the first of the subnet by default.")
  private Optional<String> gateway = Optional.empty();

  @Option(names = "--internal", description = "Let its containers reach nothing else.")
  private boolean internal;

  @Option(names = "--label", paramLabel = "NAME=VALUE", description = "A label.")
  private List<String> labels = new ArrayList<>();

  @Override
  int execute(Pinnace pinnace) {
    if (!driver.equals(BRIDGE)) {
      throw new InvalidSpecException(
          "--driver " + driver + " is not there: bridge is the only driver of networks");
    }
    NetworkSpec spec = NetworkSpec.named(name);
    if (subnet.isEmpty() && (range.isPresent() || gateway.isPresent())) {
      throw new InvalidSpecException(
          "--ip-range and --gateway are parts of a subnet: give --subnet, too");
    }
    if (subnet.isPresent()) {
      spec = spec.withSubnet(Subnet.parse(subnet.get()));
    }
    if (range.isPresent()) {
      spec = spec.withRange(Subnet.parse(range.get()));
    }
    if (gateway.isPresent()) {
      spec = spec.withGateway(gateway.get());
    }
    if (internal) {
      spec = spec.asInternal();
    }
    for (Map.Entry<String, String> label : Assignments.labels(labels).entrySet()) {
      spec = spec.withLabel(label.getKey(), label.getValue());
    }
    out().println(pinnace.networks().create(spec).inspect().id());
    return OK;
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
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
      description =
          "Its addresses, as in 172.28.0.0/16, and once more with --ipv6; by default blocks that"
              + " are free.")
  private List<String> subnets = new ArrayList<>();

  @Option(
      names = "--ip-range",
      paramLabel = "BLOCK",
      description = "The part of a subnet that containers get addresses of.")
  private List<String> ranges = new ArrayList<>();

  @Option(
      names = "--gateway",
      paramLabel = "ADDRESS",
      description = "The bridge's own in a subnet; by default the first.")
  private List<String> gateways = new ArrayList<>();

  @Option(names = "--ipv6", description = "Give it IPv6 addresses, too.")
  private boolean ipv6;

  @Option(
      names = "--ipv4",
      arity = "0..1",
      paramLabel = "true",
      fallbackValue = "true",
      description = "Give it IPv4 addresses, as every network has.")
  private Optional<Boolean> ipv4 = Optional.empty();

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
    if (!ipv4.orElse(true)) {
      throw new InvalidSpecException(
          "--ipv4=false is not there: a network has IPv4 addresses, with --ipv6 others beside them");
    }
    NetworkSpec spec = addresses(NetworkSpec.named(name));
    if (internal) {
      spec = spec.asInternal();
    }
    for (Map.Entry<String, String> label : Assignments.labels(labels).entrySet()) {
      spec = spec.withLabel(label.getKey(), label.getValue());
    }
    out().println(pinnace.networks().create(spec).inspect().id());
    return OK;
  }

  private NetworkSpec addresses(NetworkSpec unnumbered) {
    NetworkSpec spec = unnumbered;
    Optional<String> subnet = one("--subnet", subnets, false);
    Optional<String> range = one("--ip-range", ranges, false);
    Optional<String> gateway = one("--gateway", gateways, false);
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
    NetworkIpv6 sixth = sixth();
    if (!ipv6 && !sixth.equals(NetworkIpv6.ANY)) {
      throw new InvalidSpecException(
          "an IPv6 address in --subnet, --ip-range or --gateway needs a network that has IPv6: add"
              + " --ipv6");
    }
    return ipv6 ? spec.withIpv6(sixth) : spec;
  }

  private NetworkIpv6 sixth() {
    Optional<String> subnet = one("--subnet", subnets, true);
    Optional<String> range = one("--ip-range", ranges, true);
    Optional<String> gateway = one("--gateway", gateways, true);
    if (subnet.isEmpty() && (range.isPresent() || gateway.isPresent())) {
      throw new InvalidSpecException(
          "an IPv6 --ip-range or --gateway is part of an IPv6 subnet: give that --subnet, too");
    }
    NetworkIpv6 sixth = subnet.map(Subnet6::parse).map(NetworkIpv6::of).orElse(NetworkIpv6.ANY);
    sixth = range.map(Subnet6::parse).map(sixth::withRange).orElse(sixth);
    return gateway.map(sixth::withGateway).orElse(sixth);
  }

  /** The one of IPv4 or IPv6 that a flag gives. */
  private static Optional<String> one(String flag, List<String> given, boolean sixth) {
    List<String> meant = given.stream().filter(text -> text.contains(":") == sixth).toList();
    if (meant.size() > 1) {
      throw new InvalidSpecException(
          flag
              + " "
              + String.join(" " + flag + " ", meant)
              + ": a network has one subnet of IPv4, and one of IPv6: give one for each");
    }
    return meant.stream().findFirst();
  }
}

package dev.pinnace.examples.cli;

import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.NetworkAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "connect", description = "Connects a container to a network.")
final class NetworkConnectCommand extends EngineCommand {
  @Parameters(index = "0", paramLabel = "NETWORK", description = "Name or id.")
  private String network;

  @Parameters(index = "1", paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Option(
      names = "--ip",
      paramLabel = "ADDRESS",
      description = "Its address there; by default the lowest that is free.")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--ip6",
      paramLabel = "ADDRESS",
      description = "Its IPv6 address there; by default the lowest that is free.")
  private Optional<String> ipv6 = Optional.empty();

  @Option(
      names = "--alias",
      paramLabel = "NAME",
      description = "A further name by which the network's other containers find it.")
  private List<String> aliases = new ArrayList<>();

  @Option(
      names = "--link",
      paramLabel = "NAME[:ALIAS]",
      description = "A name that it alone has there for another container.")
  private List<String> links = new ArrayList<>();

  @Option(
      names = "--mac-address",
      paramLabel = "MAC",
      description = "Its interface's, as in 02:42:ac:1c:00:05; by default made of its address.")
  private Optional<String> mac = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    ModeNetwork.refuse(
        network, "is what a container is made with, and none is connected to it afterwards");
    Network to = pinnace.networks().get(network);
    NetworkAttachment wanted = NetworkAttachment.to(to.name());
    wanted = address.map(wanted::withAddress).orElse(wanted);
    wanted = ipv6.map(wanted::withIpv6).orElse(wanted);
    wanted = mac.map(wanted::withMac).orElse(wanted);
    for (String alias : aliases) {
      wanted = wanted.withAlias(alias);
    }
    for (String link : links) {
      wanted = wanted.withLink(ContainerLink.parse(link));
    }
    to.connect(pinnace.containers().get(container), wanted);
    return OK;
  }
}

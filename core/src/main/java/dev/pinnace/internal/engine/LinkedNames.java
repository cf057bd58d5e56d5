package dev.pinnace.internal.engine;

import dev.pinnace.internal.container.NetworkHosts.Line;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.NetworkAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the links of a container make of the names in its networks. */
final class LinkedNames {
  private LinkedNames() {}

  /** Those that a container has in a network. */
  static List<ContainerLink> links(ContainerRecord record, String network) {
    return record.spec().namespaces().networks().stream()
        .filter(attachment -> attachment.network().equals(network))
        .map(NetworkAttachment::links)
        .findFirst()
        .orElse(List.of());
  }

  /** Whether a container in a network is the one that a link leads to. */
  static boolean leadsTo(ContainerLink link, ContainerRecord peer, String network) {
    String meant = link.container();
    return meant.equals(peer.id().hex())
        || (PeerNames.hasNames(network)
            && PeerNames.names(peer, network).stream().anyMatch(meant::equalsIgnoreCase));
  }

  /**
   * The line of a peer in the hosts file of {@code reader}: on the default bridge of those that are
   * linked alone. Elsewhere an alias is nobody else's name.
   *
   * @param line what others read
   */
  static Optional<Line> line(
      ContainerRecord reader, ContainerRecord peer, String network, Line line) {
    List<ContainerLink> links = links(reader, network);
    List<String> names = new ArrayList<>(line.names());
    names.removeIf(
        name ->
            links.stream()
                .anyMatch(
                    link -> link.alias().equalsIgnoreCase(name) && !leadsTo(link, peer, network)));
    List<String> aliases =
        links.stream()
            .filter(link -> leadsTo(link, peer, network))
            .map(ContainerLink::alias)
            .toList();
    if (PeerNames.hasNames(network)) {
      names.addAll(aliases);
    } else if (!aliases.isEmpty()) {
      names.addAll(aliases);
      names.add(peer.name());
      names.add(peer.id().shortHex());
    }
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(new Line(line.address(), line.ipv6(), names));
  }
}

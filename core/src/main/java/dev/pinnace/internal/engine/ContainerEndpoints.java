package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.container.ResolverFile;
import dev.pinnace.internal.network.NetworkEndpoint;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.network.NetworkStore;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What containers have in networks, by their records and the networks' addresses. */
final class ContainerEndpoints {
  private ContainerEndpoints() {}

  /**
   * In each of its networks, in their order.
   *
   * @throws ConflictException if one of them was made anew since
   * @throws dev.pinnace.error.NotFoundException if one of them is gone
   */
  static List<NetworkEndpoint> of(NetworkStore networks, ContainerRecord record) {
    return record.spec().namespaces().networks().stream()
        .map(attachment -> of(networks, record.id(), attachment))
        .toList();
  }

  /** Where it asks for names; empty if it is in no network. */
  static Optional<ResolverFile.Gateway> gateway(NetworkStore networks, ContainerRecord record) {
    List<NetworkRecord> all =
        record.spec().namespaces().networks().stream()
            .map(attachment -> networks.get(attachment.network()))
            .toList();
    return all.stream()
        .findFirst()
        .map(
            first ->
                new ResolverFile.Gateway(
                    first.gateway(),
                    all.stream().allMatch(one -> one.spec().internal()),
                    !all.stream().allMatch(one -> one.spec().isPredefined())));
  }

  /** In one of them. */
  static NetworkEndpoint of(NetworkStore networks, ContainerId id, NetworkAttachment attachment) {
    NetworkRecord network = networks.get(attachment.network());
    long address = address(networks, network, id);
    return new NetworkEndpoint(
        network,
        address,
        sixth(networks, network, id),
        attachment.mac().orElseGet(() -> Wiring.mac(address)));
  }

  private static long address(NetworkStore networks, NetworkRecord network, ContainerId id) {
    return networks.endpoints(network.name()).entrySet().stream()
        .filter(endpoint -> endpoint.getValue().equals(id))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> anew(network, id));
  }

  private static Optional<String> sixth(
      NetworkStore networks, NetworkRecord network, ContainerId id) {
    if (network.ipv6().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Optional.ofNullable(networks.endpoints6(network.name()).get(id))
            .orElseThrow(() -> anew(network, id)));
  }

  private static ConflictException anew(NetworkRecord network, ContainerId id) {
    return new ConflictException(
        "container "
            + id.shortHex()
            + " has no address in network "
            + network.name()
            + ", which was made anew since: make the container anew");
  }
}

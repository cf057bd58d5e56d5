package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What {@code docker inspect} prints of a container's networks. */
final class NetworkSettings {
  private NetworkSettings() {}

  static Map<String, Object> of(Pinnace pinnace, ContainerState container, Optional<Image> image) {
    Map<String, Object> networks = new LinkedHashMap<>();
    for (NetworkAttachment attachment : container.spec().namespaces().networks()) {
      Optional<NetworkState> network =
          pinnace.networks().find(attachment.network()).map(Network::inspect);
      networks.put(
          attachment.network(),
          network
              .flatMap(
                  known ->
                      known.endpoints().stream()
                          .filter(endpoint -> endpoint.container().equals(container.id()))
                          .findFirst()
                          .map(endpoint -> endpoint(attachment, known, endpoint)))
              .orElse(Map.of()));
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("Ports", ShownPorts.settings(container, image));
    settings.put("Networks", networks);
    return settings;
  }

  private static Map<String, Object> endpoint(
      NetworkAttachment attachment, NetworkState network, NetworkState.Endpoint endpoint) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Aliases", attachment.aliases());
    document.put("MacAddress", endpoint.mac());
    document.put("NetworkID", network.id());
    document.put("Gateway", network.spec().internal() ? "" : network.gateway());
    document.put("IPAddress", endpoint.address());
    document.put("IPPrefixLen", network.subnet().prefix());
    document.put(
        "IPv6Gateway",
        network.spec().internal() ? "" : network.ipv6().map(NetworkState.Ipv6::gateway).orElse(""));
    document.put("GlobalIPv6Address", endpoint.ipv6().orElse(""));
    document.put("GlobalIPv6PrefixLen", NetworkDocument.prefix6(network));
    return document;
  }
}

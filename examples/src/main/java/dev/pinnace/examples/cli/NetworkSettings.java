package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerLink;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code docker inspect} prints of a container's networks. */
final class NetworkSettings {
  private NetworkSettings() {}

  static Map<String, Object> of(Pinnace pinnace, ContainerState container, Optional<Image> image) {
    Map<String, Map<String, Object>> networks = new LinkedHashMap<>();
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
    // What is on the default bridge was there before there were others.
    Map<String, Object> bridge = networks.getOrDefault(NetworkSpec.BRIDGE, Map.of());
    settings.put("Gateway", bridge.getOrDefault("Gateway", ""));
    settings.put("IPAddress", bridge.getOrDefault("IPAddress", ""));
    settings.put("IPPrefixLen", bridge.getOrDefault("IPPrefixLen", 0));
    settings.put("MacAddress", bridge.getOrDefault("MacAddress", ""));
    settings.put("Networks", networks);
    return settings;
  }

  /**
   * {@code HostConfig.Links}: those on the default bridge, as {@code /NAME:/CONTAINER/ALIAS}. There
   * are none to containers that are gone.
   */
  static List<String> links(Pinnace pinnace, ContainerState container) {
    return container.spec().namespaces().networks().stream()
        .filter(NetworkAttachment::isOnBridge)
        .flatMap(attachment -> attachment.links().stream())
        .flatMap(
            link ->
                pinnace.containers().find(link.container()).stream()
                    .map(
                        other -> "/" + other.name() + ":/" + container.name() + "/" + link.alias()))
        .toList();
  }

  private static Map<String, Object> endpoint(
      NetworkAttachment attachment, NetworkState network, NetworkState.Endpoint endpoint) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Aliases", attachment.aliases());
    document.put(
        "Links",
        attachment.isOnBridge()
            ? List.of() // these are in HostConfig
            : attachment.links().stream().map(ContainerLink::toString).toList());
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

package dev.pinnace.examples.cli;

import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network as {@code docker network inspect} prints it. */
final class NetworkDocument {
  private NetworkDocument() {}

  static Map<String, Object> of(NetworkState network) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Name", network.name());
    document.put("Id", network.id());
    document.put("Created", network.created().toString());
    document.put("Scope", "local");
    document.put("Driver", NetworkCreateCommand.BRIDGE);
    document.put("EnableIPv4", true);
    document.put("EnableIPv6", network.ipv6().isPresent());
    document.put("IPAM", addresses(network));
    document.put("Internal", network.spec().internal());
    document.put("Attachable", false);
    document.put("Ingress", false);
    document.put("Containers", containers(network));
    document.put("Options", Map.of());
    document.put("Labels", network.spec().labels());
    return document;
  }

  private static Map<String, Object> addresses(NetworkState network) {
    Map<String, Object> block = new LinkedHashMap<>();
    block.put("Subnet", network.subnet().toString());
    network.spec().range().ifPresent(range -> block.put("IPRange", range.toString()));
    block.put("Gateway", network.gateway());
    List<Map<String, Object>> blocks = new ArrayList<>(List.of(block));
    network.ipv6().ifPresent(ipv6 -> blocks.add(block(network.spec(), ipv6)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("Driver", "default");
    all.put("Options", Map.of());
    all.put("Config", blocks);
    return all;
  }

  private static Map<String, Object> block(NetworkSpec spec, NetworkState.Ipv6 ipv6) {
    Map<String, Object> block = new LinkedHashMap<>();
    block.put("Subnet", ipv6.subnet().toString());
    spec.ipv6()
        .flatMap(NetworkIpv6::range)
        .ifPresent(range -> block.put("IPRange", range.toString()));
    block.put("Gateway", ipv6.gateway());
    return block;
  }

  private static Map<String, Object> containers(NetworkState network) {
    Map<String, Object> containers = new LinkedHashMap<>();
    for (NetworkState.Endpoint endpoint : network.endpoints()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("Name", endpoint.name());
      entry.put("MacAddress", endpoint.mac());
      entry.put("IPv4Address", endpoint.address() + "/" + network.subnet().prefix());
      entry.put("IPv6Address", endpoint.ipv6().map(own -> own + "/" + prefix6(network)).orElse(""));
      containers.put(endpoint.container().hex(), entry);
    }
    return containers;
  }

  /** How many bits its IPv6 addresses have in common; 0 where it has none. */
  static int prefix6(NetworkState network) {
    return network.ipv6().map(ipv6 -> ipv6.subnet().prefix()).orElse(0);
  }
}

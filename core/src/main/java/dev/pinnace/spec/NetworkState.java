package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything there is to know about a network now.
 *
 * @param id 64 hexadecimal digits
 * @param spec as it was asked for, when it was made
 * @param created when
 * @param subnet its addresses
 * @param gateway the bridge's own
 * @param ipv6 its IPv6 addresses and its bridge's; empty where it has none
 * @param endpoints the containers that have an address there, whether they run or not, by address
 */
public record NetworkState(
    String id,
    NetworkSpec spec,
    Instant created,
    Subnet subnet,
    String gateway,
    Optional<Ipv6> ipv6,
    List<Endpoint> endpoints) {
  public NetworkState {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(subnet, "subnet");
    Objects.requireNonNull(gateway, "gateway");
    Objects.requireNonNull(ipv6, "ipv6");
    endpoints = List.copyOf(endpoints);
  }

  /**
   * The IPv6 addresses of a network.
   *
   * @param gateway the bridge's own
   */
  public record Ipv6(Subnet6 subnet, String gateway) {}

  /**
   * A container in a network.
   *
   * @param name the container's; the beginning of its id while it is being made, or is damaged
   * @param ipv6 its IPv6 address, in a network that has some
   * @param mac its interface's
   */
  public record Endpoint(
      ContainerId container, String name, String address, Optional<String> ipv6, String mac) {}

  /** What it is called. */
  public String name() {
    return spec.name();
  }

  /** Whether it is the default bridge, which cannot be removed. */
  public boolean isPredefined() {
    return spec.isPredefined();
  }

  /** Whether a container has an address of it. */
  public boolean isUsed() {
    return !endpoints.isEmpty();
  }
}

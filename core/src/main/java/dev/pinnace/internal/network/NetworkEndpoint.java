package dev.pinnace.internal.network;

import com.google.common.net.InetAddresses;
import dev.pinnace.spec.Subnet;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a container has in a network.
 *
 * @param network where
 * @param address its own there
 * @param ipv6 its IPv6 address there; empty in a network that has none
 * @param mac its interface's
 */
public record NetworkEndpoint(
    NetworkRecord network, long address, Optional<String> ipv6, String mac) {
  public NetworkEndpoint {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(ipv6, "ipv6");
    Objects.requireNonNull(mac, "mac");
  }

  /**
   * The one by which a container is reached from the host, and reaches what is in none of its
   * networks: the first in a network that is not internal.
   */
  public static Optional<NetworkEndpoint> way(List<NetworkEndpoint> endpoints) {
    return endpoints.stream().filter(one -> !one.network().spec().internal()).findFirst();
  }

  /** The same of IPv6, which may be by another network. */
  public static Optional<NetworkEndpoint> way6(List<NetworkEndpoint> endpoints) {
    return endpoints.stream().filter(NetworkEndpoint::leadsOut6).findFirst();
  }

  /** Whether what is in none of its networks may be reached by IPv6 that way. */
  public boolean leadsOut6() {
    return ipv6.isPresent() && !network.spec().internal();
  }

  /** Its address, as the JDK has it. */
  public InetAddress inet() {
    return Wiring.inet(address);
  }

  /** Its IPv6 address. */
  Optional<InetAddress> inet6() {
    return ipv6.map(InetAddresses::forString);
  }

  Optional<InetAddress> gateway6() {
    return network.ipv6().map(NetworkRecord.Ipv6::gateway).map(InetAddresses::forString);
  }

  InetAddress gateway() {
    return Wiring.inet(Subnet.address(network.gateway()));
  }
}

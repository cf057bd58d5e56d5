package dev.pinnace.internal.network;

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
 * @param mac its interface's
 */
public record NetworkEndpoint(NetworkRecord network, long address, String mac) {
  public NetworkEndpoint {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(mac, "mac");
  }

  /**
   * The one by which a container is reached from the host, and reaches what is in none of its
   * networks: the first in a network that is not internal.
   */
  public static Optional<NetworkEndpoint> way(List<NetworkEndpoint> endpoints) {
    return endpoints.stream().filter(one -> !one.network().spec().internal()).findFirst();
  }

  /** Its address, as the JDK has it. */
  public InetAddress inet() {
    return Wiring.inet(address);
  }

  InetAddress gateway() {
    return Wiring.inet(Subnet.address(network.gateway()));
  }
}

package dev.pinnace.linux.net.route;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route of the main table.
 *
 * @param destination the network; 0.0.0.0 or :: with a prefix of 0 for everything else
 * @param gateway who passes packets on; empty where they are delivered on the interface itself
 * @param link the index of the interface
 */
public record Route(
    InetAddress destination, int prefix, Optional<InetAddress> gateway, OptionalInt link) {
  /** Everything that has no other route goes to {@code gateway}. */
  public static Route byDefault(InetAddress gateway) {
    return new Route(
        Addresses.address(new byte[gateway.getAddress().length]),
        0,
        Optional.of(gateway),
        OptionalInt.empty());
  }
}

package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The IPv6 addresses of a network, which it has beside those of IPv4. Immutable; {@link #ANY}
 * starts with the defaults.
 *
 * @param subnet its block; by default a /64 that is unique local (RFC 4193), chosen at random, and
 *     that no route of the host's and no other network has
 * @param range the addresses of which containers are given one; all of the subnet by default
 * @param gateway the bridge's own address; the subnet's first but one by default
 */
public record NetworkIpv6(
    Optional<Subnet6> subnet, Optional<Subnet6> range, Optional<String> gateway) {
  /** Every default. */
  public static final NetworkIpv6 ANY =
      new NetworkIpv6(Optional.empty(), Optional.empty(), Optional.empty());

  /** A gateway and a container have room in it, beside the address of all routers. */
  private static final int SMALLEST = 126;

  private static final int LARGEST = 16;

  /** What is no interface's in a network: loopback and IPv4 in disguise, link-local, multicast. */
  private static final List<Subnet6> OTHERS =
      List.of(new Subnet6("::", 32), new Subnet6("fe80::", 10), new Subnet6("ff00::", 8));

  public NetworkIpv6 {
    if (subnet.isEmpty() && (range.isPresent() || gateway.isPresent())) {
      throw new InvalidSpecException(
          "an IPv6 range or gateway of a network needs its IPv6 subnet: give that, too");
    }
    gateway = gateway.map(Subnet6::address);
    subnet.ifPresent(NetworkIpv6::check);
    if (range.isPresent() && !subnet.get().contains(range.get())) {
      throw new InvalidSpecException(
          "the range " + range.get() + " of a network is not in its subnet " + subnet.get());
    }
    if (gateway.isPresent()) {
      check(subnet.get(), gateway.get());
    }
  }

  private static void check(Subnet6 subnet) {
    if (subnet.prefix() > SMALLEST || subnet.prefix() < LARGEST) {
      throw new InvalidSpecException(
          "the subnet "
              + subnet
              + " of a network is none between /"
              + LARGEST
              + " and /"
              + SMALLEST);
    }
    if (OTHERS.stream().anyMatch(subnet::overlaps)) {
      throw new InvalidSpecException(
          "the subnet "
              + subnet
              + " of a network has addresses that are nobody's in one, as those of loopback,"
              + " link-local ones and groups: use one of fd00::/8");
    }
  }

  private static void check(Subnet6 subnet, String gateway) {
    if (!subnet.contains(gateway) || gateway.equals(subnet.first())) {
      throw new InvalidSpecException(
          "the gateway "
              + gateway
              + " of a network is not in its subnet "
              + subnet
              + " without the first address, which is that of all routers");
    }
  }

  /** Those of that block. */
  public static NetworkIpv6 of(Subnet6 block) {
    return new NetworkIpv6(
        Optional.of(Objects.requireNonNull(block, "block")), Optional.empty(), Optional.empty());
  }

  /** With containers in that part of the subnet only. */
  public NetworkIpv6 withRange(Subnet6 block) {
    return new NetworkIpv6(subnet, Optional.of(Objects.requireNonNull(block, "block")), gateway);
  }

  /** With that address for the bridge, of the subnet. */
  public NetworkIpv6 withGateway(String address) {
    return new NetworkIpv6(subnet, range, Optional.of(Objects.requireNonNull(address, "address")));
  }
}

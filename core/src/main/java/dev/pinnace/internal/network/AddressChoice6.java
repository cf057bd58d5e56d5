package dev.pinnace.internal.network;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.Subnet6;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Which IPv6 addresses networks and containers get; what is taken is known to whoever asks. */
final class AddressChoice6 {
  private static final int PREFIX = 64;

  /** Unique local addresses: fd, then 40 random bits, then 16 for a subnet (RFC 4193, 3.2). */
  private static final BigInteger LOCAL = Subnet6.number("fd00::");

  private static final int RANDOM_BITS = 40;
  private static final int BELOW_RANDOM = 80;

  /** Where all of these overlap something, nearly everything does. */
  private static final int ATTEMPTS = 64;

  private AddressChoice6() {}

  /**
   * A subnet that overlaps none of {@code taken}.
   *
   * @throws ConflictException if there is none
   */
  static Subnet6 subnet(String network, Collection<Subnet6> taken, RandomGenerator random) {
    for (int i = 0; i < ATTEMPTS; i++) {
      long id = random.nextLong() >>> (Long.SIZE - RANDOM_BITS);
      BigInteger first = LOCAL.or(BigInteger.valueOf(id).shiftLeft(BELOW_RANDOM));
      Subnet6 block = new Subnet6(Subnet6.text(first), PREFIX);
      if (taken.stream().noneMatch(block::overlaps)) {
        return block;
      }
    }
    throw new ConflictException(
        "no block of IPv6 addresses was found for network "
            + network
            + ": other networks and the host's routes have nearly all of fd00::/8; give it a subnet"
            + " of its own");
  }

  /**
   * The IPv6 address of a container; empty in a network that has none.
   *
   * @param taken other containers'
   * @throws ConflictException if the one asked for is taken, or none is free
   * @throws InvalidSpecException if that cannot be a container's
   */
  static Optional<String> address(
      NetworkRecord network, NetworkAttachment attachment, Set<String> taken) {
    if (network.ipv6().isEmpty()) {
      attachment.ipv6().ifPresent(wanted -> refuse(network.name(), wanted));
      return Optional.empty();
    }
    NetworkRecord.Ipv6 addresses = network.ipv6().get();
    return Optional.of(
        attachment
            .ipv6()
            .map(wanted -> checked(network.name(), addresses, wanted, taken))
            .orElseGet(() -> lowest(network.name(), addresses, taken)));
  }

  private static void refuse(String network, String wanted) {
    throw new InvalidSpecException(
        "the address "
            + wanted
            + " cannot be had in network "
            + network
            + ", which has no IPv6: make the network with IPv6, or leave the address out");
  }

  private static String lowest(String network, NetworkRecord.Ipv6 addresses, Set<String> taken) {
    Subnet6 range = addresses.range();
    String first = range.first();
    // There are at most so many that are not free, and one more is.
    for (int i = 0; i <= taken.size() + 2; i++) {
      String free = Subnet6.text(Subnet6.number(first).add(BigInteger.valueOf(i)));
      if (!range.contains(free)) {
        break;
      }
      if (!free.equals(addresses.subnet().first())
          && !free.equals(addresses.gateway())
          && !taken.contains(free)) {
        return free;
      }
    }
    throw new ConflictException(
        "network "
            + network
            + " has no free IPv6 address: containers have all of "
            + range
            + "; remove some, or make a network with a larger IPv6 subnet");
  }

  private static String checked(
      String network, NetworkRecord.Ipv6 addresses, String wanted, Set<String> taken) {
    Subnet6 subnet = addresses.subnet();
    if (!subnet.contains(wanted) || wanted.equals(subnet.first())) {
      throw new InvalidSpecException(
          "the address "
              + wanted
              + " is none that a container of network "
              + network
              + " can have, whose IPv6 subnet is "
              + subnet);
    }
    if (wanted.equals(addresses.gateway())) {
      throw new ConflictException(
          "the address "
              + wanted
              + " is the gateway's of network "
              + network
              + ": use another one");
    }
    if (taken.contains(wanted)) {
      throw new ConflictException(
          "the address "
              + wanted
              + " of network "
              + network
              + " is another container's: use another one, or remove that container");
    }
    return wanted;
  }
}

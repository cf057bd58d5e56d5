package dev.pinnace.internal.network;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Which addresses networks and containers get; what is taken is known to whoever asks. */
final class AddressChoice {
  private AddressChoice() {}

  /** Docker's own default pools, of which the default bridge has the first, 172.17.0.0/16. */
  private static Stream<Subnet> pools(String network) {
    Subnet small = Subnet.parse("192.168.0.0/16");
    int first = network.equals(NetworkSpec.BRIDGE) ? 17 : 18;
    return Stream.concat(
        LongStream.rangeClosed(first, 31).mapToObj(i -> new Subnet(172L << 24 | i << 16, 16)),
        LongStream.range(0, 16).mapToObj(i -> new Subnet(small.first() + (i << 12), 20)));
  }

  /**
   * A subnet that overlaps none of {@code taken}.
   *
   * @throws ConflictException if there is none
   */
  static Subnet subnet(String network, Collection<Subnet> taken) {
    return pools(network)
        .filter(block -> taken.stream().noneMatch(block::overlaps))
        .findFirst()
        .orElseThrow(
            () ->
                new ConflictException(
                    "no block of addresses is free for network "
                        + network
                        + ": other networks and the host's routes have all of 172.18.0.0 to"
                        + " 172.31.255.255 and 192.168.0.0/16; give it a subnet of its own, or"
                        + " remove networks that nobody uses"));
  }

  /**
   * The address of a container.
   *
   * @param asked for; empty: the lowest that is free
   * @param taken other containers'
   * @throws ConflictException if that is taken, or none is free
   * @throws InvalidSpecException if it cannot be a container's
   */
  static long address(NetworkRecord network, Optional<String> asked, Set<Long> taken) {
    long gateway = Subnet.address(network.gateway());
    if (asked.isPresent()) {
      return checked(network, Subnet.address(asked.get()), gateway, taken);
    }
    Subnet subnet = network.subnet();
    long last = Math.min(network.range().last(), subnet.last() - 1);
    for (long free = Math.max(network.range().first(), subnet.first() + 1); free <= last; free++) {
      if (free != gateway && !taken.contains(free)) {
        return free;
      }
    }
    throw new ConflictException(
        "network "
            + network.name()
            + " has no free address: containers have all "
            + taken.size()
            + " of "
            + network.range()
            + "; remove some, or make a network with a larger subnet");
  }

  private static long checked(NetworkRecord network, long wanted, long gateway, Set<Long> taken) {
    Subnet subnet = network.subnet();
    if (!subnet.contains(wanted) || wanted == subnet.first() || wanted == subnet.last()) {
      throw new InvalidSpecException(
          "the address "
              + Subnet.text(wanted)
              + " is none that a container of network "
              + network.name()
              + " can have, whose subnet is "
              + subnet);
    }
    if (wanted == gateway) {
      throw new ConflictException(
          "the address "
              + Subnet.text(wanted)
              + " is the gateway's of network "
              + network.name()
              + ": use another one");
    }
    if (taken.contains(wanted)) {
      throw new ConflictException(
          "the address "
              + Subnet.text(wanted)
              + " of network "
              + network.name()
              + " is another container's: use another one, or remove that container");
    }
    return wanted;
  }
}

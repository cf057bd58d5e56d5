package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a network is made: a bridge, with IPv4 addresses, and IPv6 ones if asked for. Immutable;
 * {@link #named} starts with the defaults.
 *
 * @param name what it is called
 * @param subnet the addresses that it has; by default a block that no route of the host's and no
 *     other network has: of 172.18.0.0/16 to 172.31.0.0/16, then /20 blocks of 192.168.0.0/16; for
 *     the default bridge 172.17.0.0/16 before these
 * @param range the addresses of which containers are given one; all of the subnet by default
 * @param gateway the bridge's own address; the first of the subnet by default
 * @param ipv6 its IPv6 addresses; none by default
 * @param internal whether its containers have no route to anything else
 * @param labels none by default
 */
public record NetworkSpec(
    String name,
    Optional<Subnet> subnet,
    Optional<Subnet> range,
    Optional<String> gateway,
    Optional<NetworkIpv6> ipv6,
    boolean internal,
    Map<String, String> labels) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final int LONGEST = 128;

  /**
   * What the network is called that is there without being made, the <em>default bridge</em>: its
   * containers know no names of each other but by links.
   */
  public static final String BRIDGE = "bridge";

  /** What else Docker calls networks that are always there. */
  private static final Set<String> RESERVED = Set.of("host", "none", "default");

  /** A gateway and a container have room in it. */
  private static final int SMALLEST = 30;

  private static final int LARGEST = 8;

  /** What is no interface's in a network: this host, loopback, link-local, multicast, reserved. */
  private static final List<Subnet> OTHERS =
      Stream.of("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
          .map(Subnet::parse)
          .toList();

  public NetworkSpec {
    check(name);
    if (subnet.isEmpty() && (range.isPresent() || gateway.isPresent())) {
      throw new InvalidSpecException(
          "a range or a gateway of network " + name + " needs its subnet: give that, too");
    }
    subnet.ifPresent(block -> check(name, block, range, gateway));
    Objects.requireNonNull(ipv6, "ipv6");
    labels.forEach((key, value) -> Checks.noNul("a label of a network", key + value));
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  private static void check(
      String name, Subnet subnet, Optional<Subnet> range, Optional<String> gateway) {
    if (subnet.prefix() > SMALLEST || subnet.prefix() < LARGEST) {
      throw new InvalidSpecException(
          "the subnet "
              + subnet
              + " of network "
              + name
              + " is none between /"
              + LARGEST
              + " and /"
              + SMALLEST);
    }
    if (OTHERS.stream().anyMatch(subnet::overlaps)) {
      throw new InvalidSpecException(
          "the subnet "
              + subnet
              + " of network "
              + name
              + " has addresses that no interface can have there: take one of 10.0.0.0/8,"
              + " 172.16.0.0/12 or 192.168.0.0/16");
    }
    if (range.isPresent() && !subnet.contains(range.get())) {
      throw new InvalidSpecException(
          "the range " + range.get() + " of network " + name + " is not in its subnet " + subnet);
    }
    gateway.map(Subnet::address).ifPresent(address -> host(name, subnet, "gateway", address));
  }

  /**
   * Refuses what is no host's address in a network.
   *
   * @throws InvalidSpecException with {@code what} it was to be
   */
  static void host(String network, Subnet subnet, String what, long address) {
    if (!subnet.contains(address) || address == subnet.first() || address == subnet.last()) {
      throw new InvalidSpecException(
          "the "
              + what
              + " "
              + Subnet.text(address)
              + " is none of network "
              + network
              + ", whose subnet is "
              + subnet
              + " without its first and its last address");
    }
  }

  /**
   * A network of that name: letters, digits, dots, hyphens and underscores, of which the first is a
   * letter or digit; 128 at most.
   *
   * @throws InvalidSpecException when the name is none, or one of Docker's own networks
   */
  public static NetworkSpec named(String name) {
    Objects.requireNonNull(name, "name");
    if (name.equals(BRIDGE)) {
      throw predefined();
    }
    return new NetworkSpec(
        name,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Map.of());
  }

  /** With those addresses. */
  public NetworkSpec withSubnet(Subnet block) {
    return new NetworkSpec(
        name,
        Optional.of(Objects.requireNonNull(block, "block")),
        range,
        gateway,
        ipv6,
        internal,
        labels);
  }

  /** With containers in that part of the subnet only, which is to be given before. */
  public NetworkSpec withRange(Subnet block) {
    return new NetworkSpec(
        name,
        subnet,
        Optional.of(Objects.requireNonNull(block, "block")),
        gateway,
        ipv6,
        internal,
        labels);
  }

  /** With that address for the bridge, of the subnet, which is to be given before. */
  public NetworkSpec withGateway(String address) {
    return new NetworkSpec(
        name,
        subnet,
        range,
        Optional.of(Objects.requireNonNull(address, "address")),
        ipv6,
        internal,
        labels);
  }

  /** With IPv6 addresses, too: every default of {@link NetworkIpv6}. */
  public NetworkSpec withIpv6() {
    return withIpv6(NetworkIpv6.ANY);
  }

  /** With those IPv6 addresses, too. */
  public NetworkSpec withIpv6(NetworkIpv6 addresses) {
    return new NetworkSpec(
        name,
        subnet,
        range,
        gateway,
        Optional.of(Objects.requireNonNull(addresses, "addresses")),
        internal,
        labels);
  }

  /** With no way out. */
  public NetworkSpec asInternal() {
    return new NetworkSpec(name, subnet, range, gateway, ipv6, true, labels);
  }

  /** With one more label. */
  public NetworkSpec withLabel(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Map<String, String> all = new LinkedHashMap<>(labels);
    all.put(key, value);
    return new NetworkSpec(name, subnet, range, gateway, ipv6, internal, all);
  }

  /** Whether it is the default bridge, which is there without being made. */
  public boolean isPredefined() {
    return name.equals(BRIDGE);
  }

  /** That the default bridge is not made by anybody. */
  static InvalidSpecException predefined() {
    return new InvalidSpecException(
        "no network can be made that is called " + BRIDGE + ": that one is always there");
  }

  /**
   * Refuses the default bridge.
   *
   * @throws InvalidSpecException if it is meant
   */
  public void requireCustom() {
    if (isPredefined()) {
      throw predefined();
    }
  }

  /** Whether a network can be called that, be it the default bridge. */
  public static boolean isName(String text) {
    Objects.requireNonNull(text, "text");
    return NAME.matcher(text).matches() && text.length() <= LONGEST && !RESERVED.contains(text);
  }

  private static void check(String name) {
    if (RESERVED.contains(name)) {
      throw new InvalidSpecException(
          "no network can be called " + name + ", as a mode of Docker's is: use another name");
    }
    if (!isName(name)) {
      throw new InvalidSpecException(
          "\""
              + (name.length() > LONGEST ? name.substring(0, LONGEST) + "..." : name)
              + "\" cannot be the name of a network: it has at most "
              + LONGEST
              + " letters, digits, dots, hyphens and underscores, of which the first is a letter or"
              + " digit");
    }
  }
}

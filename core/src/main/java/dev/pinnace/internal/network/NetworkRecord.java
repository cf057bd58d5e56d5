package dev.pinnace.internal.network;

import dev.pinnace.internal.json.RecordJson;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is written about a network.
 *
 * @param id 64 hexadecimal digits
 * @param spec as it was asked for
 * @param created when
 * @param subnet its addresses
 * @param range those that containers are given
 * @param gateway the bridge's own
 * @param ipv6 the same of IPv6; empty where it has none
 */
public record NetworkRecord(
    String id,
    NetworkSpec spec,
    Instant created,
    Subnet subnet,
    Subnet range,
    String gateway,
    Optional<Ipv6> ipv6) {
  private static final int ID = 64;

  /** What an interface's name has room for. */
  private static final int SHORT = 12;

  /**
   * Its IPv6 addresses.
   *
   * @param range those that containers are given
   * @param gateway the bridge's own, as RFC 5952 has it written
   */
  public record Ipv6(Subnet6 subnet, Subnet6 range, String gateway) {
    public Ipv6 {
      Objects.requireNonNull(subnet, "subnet");
      Objects.requireNonNull(range, "range");
      gateway = Subnet6.address(gateway);
    }
  }

  public NetworkRecord {
    Objects.requireNonNull(created, "created");
    if (id.length() != ID) {
      throw new IllegalArgumentException("no id: " + id);
    }
    Objects.requireNonNull(ipv6, "ipv6");
    long unused = Subnet.address(gateway);
  }

  /** What it is called. */
  public String name() {
    return spec.name();
  }

  /** Its bridge, as that is called in the router. */
  String bridge() {
    return Router.BRIDGES + id.substring(0, SHORT);
  }

  byte[] encode() {
    return RecordJson.encode(this);
  }

  static NetworkRecord decode(byte[] bytes, String name, String source) {
    return RecordJson.decode(
        bytes,
        NetworkRecord.class,
        NetworkRecord::name,
        name,
        source,
        "remove the containers of network " + name + ", then the network, and make it anew");
  }
}

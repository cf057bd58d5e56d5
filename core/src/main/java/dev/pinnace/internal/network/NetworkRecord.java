package dev.pinnace.internal.network;

import dev.pinnace.internal.json.RecordJson;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import java.time.Instant;
import java.util.Objects;

/**
 * What is written about a network.
 *
 * @param id 64 hexadecimal digits
 * @param spec as it was asked for
 * @param created when
 * @param subnet its addresses
 * @param range those that containers are given
 * @param gateway the bridge's own
 */
public record NetworkRecord(
    String id, NetworkSpec spec, Instant created, Subnet subnet, Subnet range, String gateway) {
  private static final int ID = 64;

  /** What an interface's name has room for. */
  private static final int SHORT = 12;

  public NetworkRecord {
    Objects.requireNonNull(created, "created");
    if (id.length() != ID) {
      throw new IllegalArgumentException("no id: " + id);
    }
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

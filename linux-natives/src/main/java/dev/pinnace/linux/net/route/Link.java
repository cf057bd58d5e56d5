package dev.pinnace.linux.net.route;

import dev.pinnace.linux.net.netlink.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network interface as the kernel describes it (RTM_NEWLINK of rtnetlink(7)).
 *
 * @param kind {@code veth}, {@code bridge}; empty for hardware and loopback
 * @param mac its address, as in {@code 02:42:ac:11:00:02}; empty where it has none
 * @param mtu the largest packet, in bytes
 * @param up whether it is switched on
 * @param master the bridge's index that it is a port of
 */
public record Link(
    int index,
    String name,
    Optional<String> kind,
    Optional<String> mac,
    int mtu,
    boolean up,
    OptionalInt master,
    Counters counters) {
  /** Struct ifinfomsg of rtnetlink(7). */
  static final int STRUCTURE = 16;

  static final int IFF_UP = 1;

  /** What went through an interface since it is there (struct rtnl_link_stats64 of if_link.h). */
  public record Counters(
      long receivedPackets,
      long sentPackets,
      long receivedBytes,
      long sentBytes,
      long receiveErrors,
      long sendErrors,
      long receivesDropped,
      long sendsDropped) {
    private static final int FIELDS = 8;

    static Counters of(Optional<ByteBuffer> bytes) {
      long[] fields = new long[FIELDS];
      bytes.ifPresent(
          present -> {
            for (int i = 0; i < FIELDS && present.remaining() >= Long.BYTES; i++) {
              fields[i] = present.getLong();
            }
          });
      return new Counters(
          fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]);
    }
  }

  static Link of(ByteBuffer message) {
    ByteBuffer bytes = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int index = bytes.getInt(4);
    boolean up = (bytes.getInt(8) & IFF_UP) != 0;
    bytes.position(STRUCTURE);
    Attributes attributes = Attributes.of(bytes);
    return new Link(
        index,
        attributes.text(Links.IFLA_IFNAME).orElse(""),
        attributes.nested(Links.IFLA_LINKINFO).text(Links.IFLA_INFO_KIND),
        attributes.bytes(Links.IFLA_ADDRESS).filter(mac -> mac.length > 0).map(Link::mac),
        attributes.integer(Links.IFLA_MTU).orElse(0),
        up,
        attributes.integer(Links.IFLA_MASTER),
        Counters.of(attributes.find(Links.IFLA_STATS64)));
  }

  private static String mac(byte[] address) {
    return HexFormat.ofDelimiter(":").formatHex(address);
  }

  /** The bytes of an address such as {@code 02:42:ac:11:00:02}. */
  static byte[] bytes(String mac) {
    return HexFormat.ofDelimiter(":").parseHex(mac);
  }
}

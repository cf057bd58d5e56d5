package dev.pinnace.linux.net.route;

import dev.pinnace.linux.net.netlink.Attributes;
import dev.pinnace.linux.net.netlink.NetlinkMessage;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The routes of a namespace's main table. As thread-safe as its socket. */
public final class Routes {
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_GETROUTE = 26;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTPROT_STATIC = 4;
  private static final int RTN_UNICAST = 1;
  private static final int RT_SCOPE_LINK = 253;

  /** Struct rtmsg of rtnetlink(7). */
  static final int STRUCTURE = 12;

  private final NetlinkSocket socket;

  /** Those of the namespace that {@code socket} is in. */
  public Routes(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Adds a route.
   *
   * @throws dev.pinnace.linux.ErrnoException EEXIST where it is; ENETUNREACH for a gateway that is
   *     in no network of an interface that is up
   */
  public void add(Route route) {
    byte[] destination = route.destination().getAddress();
    socket.change(
        NetlinkMessage.of(
            RTM_NEWROUTE,
            NetlinkMessage.CREATE,
            "add a route to " + route.destination().getHostAddress() + "/" + route.prefix(),
            w -> {
              w.raw(
                  new byte[] {
                    (byte) Addresses.family(route.destination()),
                    (byte) route.prefix(),
                    0,
                    0,
                    (byte) RT_TABLE_MAIN,
                    RTPROT_STATIC,
                    (byte) (route.gateway().isPresent() ? 0 : RT_SCOPE_LINK),
                    RTN_UNICAST,
                    0,
                    0,
                    0,
                    0
                  });
              if (route.prefix() > 0) {
                w.put(RTA_DST, destination);
              }
              route.gateway().ifPresent(via -> w.put(RTA_GATEWAY, via.getAddress()));
              route.link().ifPresent(link -> w.putInt(RTA_OIF, link));
            }));
  }

  /** Those that lead to another machine or network: unicast, of the main table. */
  public List<Route> list() {
    NetlinkMessage all =
        NetlinkMessage.of(RTM_GETROUTE, 0, "list the routes", w -> w.raw(new byte[STRUCTURE]));
    return socket.dump(all).stream()
        .filter(
            message ->
                Byte.toUnsignedInt(message.get(4)) == RT_TABLE_MAIN
                    && message.get(7) == RTN_UNICAST)
        .map(Routes::read)
        .toList();
  }

  private static Route read(ByteBuffer message) {
    ByteBuffer bytes = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.get(0) == Addresses.AF_INET6 ? 16 : 4;
    int prefix = Byte.toUnsignedInt(bytes.get(1));
    bytes.position(STRUCTURE);
    Attributes attributes = Attributes.of(bytes);
    return new Route(
        Addresses.address(attributes.bytes(RTA_DST).orElse(new byte[length])),
        prefix,
        attributes.bytes(RTA_GATEWAY).map(Addresses::address),
        attributes.integer(RTA_OIF));
  }
}

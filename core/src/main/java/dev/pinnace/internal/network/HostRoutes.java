package dev.pinnace.internal.network;

import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.route.Route;
import dev.pinnace.linux.net.route.Routes;
import dev.pinnace.spec.Subnet;
import java.net.Inet4Address;
import java.util.List;

/** What the host's routes lead to. */
public final class HostRoutes {
  private HostRoutes() {}

  /** The blocks of IPv4 addresses that a route of the main table names; not the default route's. */
  public static List<Subnet> list() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      return new Routes(socket)
          .list().stream()
              .filter(route -> route.prefix() > 0 && route.destination() instanceof Inet4Address)
              .map(HostRoutes::block)
              .toList();
    }
  }

  private static Subnet block(Route route) {
    return new Subnet(Subnet.address(route.destination().getHostAddress()), route.prefix());
  }
}

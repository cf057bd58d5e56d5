package dev.pinnace.internal.network;

import com.google.common.net.InetAddresses;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.route.Route;
import dev.pinnace.linux.net.route.Routes;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import java.util.stream.Stream;

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

  /** The same of IPv6; not what is on each link. */
  public static List<Subnet6> list6() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      return sixth(socket)
          .filter(route -> route.prefix() > 0)
          .map(
              route -> new Subnet6(InetAddresses.toAddrString(route.destination()), route.prefix()))
          .toList();
    }
  }

  /** Whether there is IPv6 here at all. */
  public static boolean hasSixth() {
    return SixthSettings.isThere();
  }

  /** Whether the host has any address of IPv6 to go to, be it by its default route. */
  public static boolean leadAnywhere6() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      return sixth(socket).findAny().isPresent();
    }
  }

  private static Stream<Route> sixth(NetlinkSocket socket) {
    return new Routes(socket)
        .list().stream()
            .filter(route -> route.destination() instanceof Inet6Address)
            .filter(route -> !route.destination().isLinkLocalAddress())
            .filter(route -> !route.destination().isLoopbackAddress())
            .filter(route -> !route.destination().isMulticastAddress());
  }

  private static Subnet block(Route route) {
    return new Subnet(Subnet.address(route.destination().getHostAddress()), route.prefix());
  }
}

package dev.pinnace.internal.network;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.route.Addresses;
import dev.pinnace.linux.net.route.InterfaceAddress;
import dev.pinnace.linux.net.route.Link;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.linux.net.route.Route;
import dev.pinnace.linux.net.route.Routes;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The interfaces in a container's network namespace, which may be in use meanwhile. */
final class ContainerInterfaces implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerInterfaces.class);
  private static final String PREFIX = "eth";

  private final Fd namespace;
  private final NetlinkSocket socket;
  private final Links links;

  ContainerInterfaces(Fd namespace) {
    this.namespace = namespace;
    this.socket = NetlinkSocket.open(NetlinkSocket.ROUTE, namespace);
    this.links = new Links(socket);
  }

  void loopback() {
    links.up(Wiring.index(links, "lo"));
  }

  /** The first of {@code eth0}, {@code eth1} ... that is free. */
  String freeName() {
    Set<String> taken = links.list().stream().map(Link::name).collect(Collectors.toSet());
    return Stream.iterate(0, i -> i + 1)
        .map(i -> PREFIX + i)
        .filter(name -> !taken.contains(name))
        .findFirst()
        .orElseThrow();
  }

  /** Gives an interface that is there, and down, what it has in its network. */
  void complete(String name, NetworkEndpoint endpoint) {
    NetworkNamespace.in(
        namespace,
        () -> {
          if (endpoint.ipv6().isPresent()) {
            SixthSettings.on(name);
          } else {
            SixthSettings.off(name);
          }
          return true;
        });
    int index = Wiring.index(links, name);
    links.setMac(index, endpoint.mac());
    new Addresses(socket)
        .add(new InterfaceAddress(index, endpoint.inet(), endpoint.network().subnet().prefix()));
    links.up(index);
    endpoint
        .network()
        .ipv6()
        .ifPresent(
            network -> {
              InetAddress address = endpoint.inet6().orElseThrow();
              new Addresses(socket)
                  .add(new InterfaceAddress(index, address, network.subnet().prefix()));
            });
  }

  /** What is in none of its networks goes this way, unless the container has one of its own. */
  void routeBy(NetworkEndpoint way) {
    routeBy(way.gateway());
  }

  /** The same of IPv6; where the host has none of that to go to, it is unreachable at once. */
  void routeBy6(NetworkEndpoint way) {
    if (HostRoutes.leadAnywhere6()) {
      way.gateway6().ifPresent(this::routeBy);
    }
  }

  private void routeBy(InetAddress gateway) {
    try {
      new Routes(socket).add(Route.byDefault(gateway));
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
      LOG.debug("a container has a default route of its own", refusal);
    }
  }

  /** Removes what may be left of a router that is gone. */
  void removeLeft(List<NetworkEndpoint> endpoints) {
    Set<String> macs =
        endpoints.stream().map(NetworkEndpoint::mac).collect(Collectors.toUnmodifiableSet());
    links.list().stream()
        .filter(link -> link.kind().filter("veth"::equals).isPresent())
        .filter(link -> link.mac().filter(macs::contains).isPresent())
        .forEach(link -> Wiring.remove(links, link.index()));
  }

  @Override
  public void close() {
    socket.close();
  }
}

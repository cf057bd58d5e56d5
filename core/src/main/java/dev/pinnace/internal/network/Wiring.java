package dev.pinnace.internal.network;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.route.Addresses;
import dev.pinnace.linux.net.route.InterfaceAddress;
import dev.pinnace.linux.net.route.Link;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.linux.net.route.Route;
import dev.pinnace.linux.net.route.Routes;
import dev.pinnace.spec.Subnet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** Connects the network namespaces of containers to the bridges of a router. */
public final class Wiring {
  private static final String INSIDE = "eth0";
  private static final long PORT_BITS = 0xFFF_FFFF_FFFFL;

  private final Router router;
  private final Links links;

  public Wiring(Router router) {
    this.router = router;
    this.links = new Links(router.netlink());
  }

  /** Removes the bridges of networks that are gone. */
  public void sweep(List<NetworkRecord> known) {
    router.sweep(known.stream().map(NetworkRecord::bridge).collect(Collectors.toUnmodifiableSet()));
  }

  /** The MAC of an address, where none was asked for. */
  public static String mac(long address) {
    return String.format(
        "02:42:%02x:%02x:%02x:%02x",
        address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255);
  }

  /** The same where one may be left of a router that is gone. */
  public void reconnect(Fd namespace, NetworkRecord network, long address, String mac) {
    try (NetlinkSocket inner = NetlinkSocket.open(NetlinkSocket.ROUTE, namespace)) {
      Links inside = new Links(inner);
      inside.find(INSIDE).ifPresent(left -> inside.remove(left.index()));
    }
    connect(namespace, network, address, mac);
  }

  /**
   * Gives a namespace an interface in a network, complete with address and routes.
   *
   * @param namespace the container's, which has none yet
   */
  public void connect(Fd namespace, NetworkRecord network, long address, String mac) {
    int bridge = bridge(network);
    String port = String.format("v%011x", ThreadLocalRandom.current().nextLong() & PORT_BITS);
    links.addVeth(port, INSIDE, namespace);
    int outer = index(links, port);
    links.setMaster(outer, bridge);
    links.up(outer);
    NetworkNamespace.in(
        namespace,
        () -> {
          Router.write("ipv6/conf/" + INSIDE + "/disable_ipv6", "1", false);
          return true;
        });
    try (NetlinkSocket inner = NetlinkSocket.open(NetlinkSocket.ROUTE, namespace)) {
      Links inside = new Links(inner);
      inside.up(index(inside, "lo"));
      int index = index(inside, INSIDE);
      inside.setMac(index, mac);
      new Addresses(inner)
          .add(new InterfaceAddress(index, inet(address), network.subnet().prefix()));
      inside.up(index);
      if (!network.spec().internal()) {
        new Routes(inner).add(Route.byDefault(inet(Subnet.address(network.gateway()))));
      }
    }
  }

  /** Made for the first container; its MAC is its own, not that of whichever port was last. */
  private int bridge(NetworkRecord network) {
    Optional<Link> there = links.find(network.bridge());
    if (there.isPresent()) {
      if (there.get().up()) {
        return there.get().index();
      }
      links.remove(there.get().index()); // who made it was killed before it was whole
    }
    long gateway = Subnet.address(network.gateway());
    links.addBridge(network.bridge());
    int index = index(links, network.bridge());
    links.setMac(index, mac(gateway));
    new Addresses(router.netlink())
        .add(new InterfaceAddress(index, inet(gateway), network.subnet().prefix()));
    router.filter(Outbound.rules(network));
    links.up(index);
    return index;
  }

  private static int index(Links links, String name) {
    return links
        .find(name)
        .map(Link::index)
        .orElseThrow(() -> new IllegalStateException("interface " + name + " is gone"));
  }

  /** An address of IPv4, as the JDK has it. */
  public static InetAddress inet(long address) {
    try {
      return InetAddress.getByAddress(
          new byte[] {
            (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
          });
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + address, e);
    }
  }
}

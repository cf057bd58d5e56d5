package dev.pinnace.internal.network;

import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.route.Addresses;
import dev.pinnace.linux.net.route.InterfaceAddress;
import dev.pinnace.linux.net.route.Link;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.Subnet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Connects the network namespaces of containers to the bridges of a router. */
public final class Wiring {
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

  /** What a container's port of a network's bridge is called: known to whoever is to remove it. */
  private static String port(ContainerId container, String network) {
    long hash =
        Hashing.sha256()
            .hashString(container.hex() + "/" + network, StandardCharsets.UTF_8)
            .asLong();
    return String.format("v%011x", hash & PORT_BITS);
  }

  /** A new namespace has what the host has: this one passes nothing on between its networks. */
  public static void settle(Fd namespace) {
    NetworkNamespace.in(
        namespace,
        () -> {
          Router.write("ipv4/ip_forward", "0", true);
          SixthSettings.settle();
          return true;
        });
  }

  /** Has a namespace that is in no network be whole. */
  public static void loopback(Fd namespace) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      inside.loopback();
    }
  }

  /** Connects a namespace again, where something may be left of a router that is gone. */
  public void reconnect(Fd namespace, ContainerId container, List<NetworkEndpoint> endpoints) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      inside.removeLeft(endpoints);
    }
    connect(namespace, container, endpoints);
  }

  /**
   * Gives a namespace an interface in each network, complete with addresses and routes.
   *
   * @param namespace the container's, which has none yet
   */
  public void connect(Fd namespace, ContainerId container, List<NetworkEndpoint> endpoints) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      inside.loopback();
      for (NetworkEndpoint endpoint : endpoints) {
        add(inside, namespace, container, endpoint);
      }
      NetworkEndpoint.way(endpoints).ifPresent(inside::routeBy);
      NetworkEndpoint.way6(endpoints).ifPresent(inside::routeBy6);
    }
  }

  /** Gives a namespace a further interface. */
  public void add(Fd namespace, ContainerId container, NetworkEndpoint endpoint) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      add(inside, namespace, container, endpoint);
    }
  }

  private void add(
      ContainerInterfaces inside, Fd namespace, ContainerId container, NetworkEndpoint endpoint) {
    int bridge = bridge(endpoint.network());
    String port = port(container, endpoint.network().name());
    String name = inside.freeName();
    try {
      links.addVeth(port, name, namespace);
    } catch (ErrnoException refusal) {
      // One of an earlier run may be there until the kernel has removed its namespace.
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
      remove(container, endpoint.network().name());
      links.addVeth(port, name, namespace);
    }
    int outer = index(links, port);
    links.setMaster(outer, bridge);
    links.up(outer);
    inside.complete(name, endpoint);
  }

  /** Has what is in none of its networks go another way. */
  public void route(Fd namespace, NetworkEndpoint way) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      inside.routeBy(way);
    }
  }

  /** The same of IPv6. */
  public void route6(Fd namespace, NetworkEndpoint way) {
    try (ContainerInterfaces inside = new ContainerInterfaces(namespace)) {
      inside.routeBy6(way);
    }
  }

  /** Takes a container's interface in a network away, with the routes that lead over it. */
  public void remove(ContainerId container, String network) {
    links.find(port(container, network)).ifPresent(link -> remove(links, link.index()));
  }

  /** One that the kernel removes at the moment is as good as gone. */
  static void remove(Links links, int index) {
    try {
      links.remove(index);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENODEV)) {
        throw refusal;
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
    guard(network);
    network.ipv6().ifPresent(sixth -> number(network.bridge(), index, sixth));
    links.up(index);
    return index;
  }

  private void number(String bridge, int index, NetworkRecord.Ipv6 sixth) {
    router.inside(() -> SixthSettings.on(bridge));
    InetAddress gateway = InetAddresses.forString(sixth.gateway());
    new Addresses(router.netlink())
        .add(new InterfaceAddress(index, gateway, sixth.subnet().prefix()));
  }

  /** As much of its rules as this kernel has. */
  private void guard(NetworkRecord network) {
    boolean sixth = network.ipv6().isPresent();
    boolean unused =
        router.filter(Outbound.rules(network))
            || (sixth && router.filter(Outbound.fourthRules(network)))
            || router.filter(Outbound.isolation(network));
  }

  static int index(Links links, String name) {
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

package dev.pinnace.internal.network;

import com.google.common.net.InetAddresses;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.InternetSocket;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.nft.NftHook;
import dev.pinnace.linux.net.nft.NftRule;
import dev.pinnace.linux.net.nft.NftTransaction;
import dev.pinnace.linux.net.nft.NftVerdict;
import dev.pinnace.linux.net.relay.Publication;
import dev.pinnace.linux.net.relay.Relay;
import dev.pinnace.linux.net.route.Link;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.linux.net.route.TransparentRoutes;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes out of a router. Rules of its firewall hand what containers send elsewhere to
 * transparent sockets, two for each version of IP, on its loopback, where no container reaches them
 * by itself, and the relay dials from the host where it was to go.
 */
final class Outbound {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int VERSION = 4;
  private static final int VERSION6 = 6;
  private static final int MARK = 1;
  private static final String CHAIN = "out";

  /** Nobody but the relay has sockets in the router. */
  private static final InetSocketAddress SOCKET =
      new InetSocketAddress(Wiring.inet(Subnet.address("127.0.0.1")), 15001);

  /** Multicast, reserved and broadcast: RFC 1112, RFC 919. Nobody could dial these. */
  private static final InetAddress MANY = Wiring.inet(Subnet.address("224.0.0.0"));

  private static final int MANY_PREFIX = 3;

  private static final InetSocketAddress SOCKET6 =
      new InetSocketAddress(InetAddresses.forString("::1"), 15001);

  /** What a host may send as or to on its link: RFC 4291, 2.5.2, 2.5.6 and 2.7. */
  private static final InetAddress NOBODY = InetAddresses.forString("::");

  private static final int WHOLE = 32;
  private static final int WHOLE6 = 128;
  private static final InetAddress LINK = InetAddresses.forString("fe80::");
  private static final int LINK_PREFIX = 10;
  private static final InetAddress MANY6 = InetAddresses.forString("ff00::");
  private static final int MANY6_PREFIX = 8;

  /**
   * Where clouds tell their machines credentials, beside the link-local 169.254.169.254, which the
   * relay never dials: of Alibaba and Oracle; of Amazon, Google, Oracle and Scaleway.
   */
  private static final List<InetAddress> CREDENTIALS = addresses("100.100.100.200", "192.0.0.192");

  private static final List<InetAddress> CREDENTIALS6 =
      addresses("fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42");

  private static final Logger LOG = LoggerFactory.getLogger(Outbound.class);

  private Outbound() {}

  private static List<InetAddress> addresses(String... all) {
    return Stream.of(all).map(InetAddresses::forString).toList();
  }

  /** In a router that is new: the sockets, which the relay has as long as it lives, and routes. */
  static void open(Relay relay, Fd namespace) {
    boolean sixth;
    try (NetlinkSocket routes = NetlinkSocket.open(NetlinkSocket.ROUTE, namespace)) {
      Links links = new Links(routes);
      int loopback = links.find("lo").map(Link::index).orElseThrow();
      links.up(loopback);
      TransparentRoutes transparent = new TransparentRoutes(routes);
      transparent.add(VERSION, MARK, loopback);
      sixth = SixthSettings.isThere() && addSixth(transparent, loopback);
    }
    open(relay, namespace, SOCKET);
    if (sixth) {
      open(relay, namespace, SOCKET6);
    }
  }

  private static boolean addSixth(TransparentRoutes transparent, int loopback) {
    try {
      transparent.add(VERSION6, MARK, loopback);
      return true;
    } catch (ErrnoException refusal) { // CONFIG_IPV6_MULTIPLE_TABLES need not be there
      if (!refusal.is(Errno.EAFNOSUPPORT, Errno.ENOTSUP)) {
        throw refusal;
      }
      LOG.warn("containers of networks reach nothing outside by IPv6: {}", refusal.getMessage());
      return false;
    }
  }

  private static void open(Relay relay, Fd namespace, InetSocketAddress address) {
    try (Fd streams = NetworkNamespace.in(namespace, () -> InternetSocket.listen(address));
        Fd datagrams = NetworkNamespace.in(namespace, () -> InternetSocket.bind(address))) {
      for (Fd socket : List.of(streams, datagrams)) {
        Publication unused =
            relay
                .client()
                .outbound(InternetSocket.transparent(socket), Optional.empty(), relay.process());
      }
    }
  }

  /**
   * The rules of a network, in a table of its own: nobody reaches its addresses from another one,
   * and, unless it is internal, the rest of the world is reached through the relay.
   */
  static NftTransaction rules(NetworkRecord network) {
    NftTransaction rules = fourthRules(network);
    if (!network.spec().internal()) {
      network.ipv6().ifPresent(sixth -> addRules(rules, network.bridge(), sixth.subnet()));
    }
    return rules;
  }

  /** The same where only IPv4 gets out, for a kernel that has no more. */
  static NftTransaction fourthRules(NetworkRecord network) {
    NftTransaction rules = isolation(network);
    InetAddress subnet = Wiring.inet(network.subnet().first());
    int prefix = network.subnet().prefix();
    if (!network.spec().internal()) {
      for (int protocol : new int[] {TCP, UDP}) {
        NftRule rule =
            new NftRule()
                .from(network.bridge())
                .notDestination(subnet, prefix)
                .notDestination(MANY, MANY_PREFIX);
        CREDENTIALS.forEach(one -> rule.notDestination(one, WHOLE));
        rules.addRule(
            CHAIN,
            rule.protocol(protocol).toTransparent(SOCKET).mark(MARK).verdict(NftVerdict.ACCEPT));
      }
    }
    return rules;
  }

  private static void addRules(NftTransaction rules, String bridge, Subnet6 block) {
    InetAddress subnet = InetAddresses.forString(block.first());
    for (int protocol : new int[] {TCP, UDP}) {
      NftRule rule =
          new NftRule()
              .from(bridge)
              .source(subnet, block.prefix())
              .notDestination(subnet, block.prefix())
              .notDestination(LINK, LINK_PREFIX)
              .notDestination(MANY6, MANY6_PREFIX);
      CREDENTIALS6.forEach(one -> rule.notDestination(one, WHOLE6));
      rules.addRule(
          CHAIN,
          rule.protocol(protocol).toTransparent(SOCKET6).mark(MARK).verdict(NftVerdict.ACCEPT));
    }
  }

  /** The first of these alone, for a kernel that has no more. */
  static NftTransaction isolation(NetworkRecord network) {
    NftTransaction rules =
        noRules(network.bridge())
            .addTable()
            .addChain(CHAIN, NftHook.PREROUTING_MANGLE, NftVerdict.ACCEPT)
            .addRule(
                CHAIN,
                new NftRule()
                    .notFrom(network.bridge())
                    .destination(Wiring.inet(network.subnet().first()), network.subnet().prefix())
                    .verdict(NftVerdict.DROP));
    network.ipv6().ifPresent(sixth -> isolate(rules, network.bridge(), sixth.subnet()));
    return rules;
  }

  /** IPv6 has nothing as rp_filter, by which nobody sends as one of another network. */
  private static void isolate(NftTransaction rules, String bridge, Subnet6 block) {
    InetAddress subnet = InetAddresses.forString(block.first());
    rules
        .addRule(
            CHAIN,
            new NftRule()
                .notFrom(bridge)
                .destination(subnet, block.prefix())
                .verdict(NftVerdict.DROP))
        .addRule(
            CHAIN,
            new NftRule()
                .from(bridge)
                .notSource(subnet, block.prefix())
                .notSource(LINK, LINK_PREFIX)
                .notSource(NOBODY, WHOLE6)
                .verdict(NftVerdict.DROP));
  }

  /** Of a bridge that is gone, or is made anew. */
  static NftTransaction noRules(String bridge) {
    return new NftTransaction(bridge).addTable().removeTable();
  }
}

package dev.pinnace.linux.net.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two namespaces of its own, a bridge in one of them, and what the kernel says of it. */
class RouteTest {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Fd router;
  private Fd inside;
  private NetlinkSocket routerSocket;
  private NetlinkSocket insideSocket;

  private <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  @BeforeEach
  void makeNamespaces() throws IOException {
    assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "needs root");
    router = keep(NetworkNamespace.create());
    inside = keep(NetworkNamespace.create());
    routerSocket = keep(NetlinkSocket.open(NetlinkSocket.ROUTE, router));
    insideSocket = keep(NetlinkSocket.open(NetlinkSocket.ROUTE, inside));
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  private static InetAddress ip(String text) throws IOException {
    return InetAddress.getByName(text);
  }

  private static int index(Links links, String name) {
    return links.find(name).orElseThrow().index();
  }

  @Test
  void newNamespace_hasALoopbackThatIsDown() {
    assertThat(new Links(routerSocket).list())
        .singleElement()
        .satisfies(
            lo -> {
              assertThat(lo.name()).isEqualTo("lo");
              assertThat(lo.kind()).isEmpty();
              assertThat(lo.up()).isFalse();
              assertThat(lo.mtu()).isEqualTo(65536);
            });
    assertThat(new Addresses(routerSocket).list()).isEmpty();
    assertThat(new Routes(routerSocket).list()).isEmpty();
  }

  @Test
  void bridgeWithAPort_carriesTrafficBetweenTwoNamespaces() throws Exception {
    wire();
    try (ServerSocket server =
            NetworkNamespace.in(router, () -> listening(new InetSocketAddress(ip4(1), 0)));
        Socket client = NetworkNamespace.in(inside, RouteTest::unconnected)) {
      client.connect(new InetSocketAddress(ip4(1), server.getLocalPort()));
      try (Socket served = server.accept();
          OutputStream out = client.getOutputStream();
          InputStream in = served.getInputStream()) {
        out.write(42);
        assertThat(in.read()).isEqualTo(42);
        assertThat(served.getInetAddress()).isEqualTo(ip4(2));
      }
    }
    Link.Counters counters = new Links(insideSocket).find("eth0").orElseThrow().counters();
    assertThat(counters.sentBytes()).isGreaterThan(100);
    assertThat(counters.receivedPackets()).isGreaterThan(1);
    assertThat(counters.sendErrors() + counters.receiveErrors()).isZero();
  }

  private void wire() throws IOException {
    Links outside = new Links(routerSocket);
    outside.addBridge("br0");
    int bridge = index(outside, "br0");
    outside.addVeth("veth0", "eth0", inside);
    int port = index(outside, "veth0");
    outside.setMaster(port, bridge);
    new Addresses(routerSocket).add(new InterfaceAddress(bridge, ip4(1), 24));
    outside.up(bridge);
    outside.up(port);
    Links links = new Links(insideSocket);
    int eth0 = index(links, "eth0");
    links.setMac(eth0, "02:42:0a:59:00:02");
    links.setMtu(eth0, 1400);
    new Addresses(insideSocket).add(new InterfaceAddress(eth0, ip4(2), 24));
    links.up(eth0);
    new Routes(insideSocket).add(Route.byDefault(ip4(1)));
    Link read = links.find("eth0").orElseThrow();
    assertThat(read.kind()).contains("veth");
    assertThat(read.mac()).contains("02:42:0a:59:00:02");
    assertThat(read.mtu()).isEqualTo(1400);
    assertThat(read.up()).isTrue();
    assertThat(outside.find("veth0").orElseThrow().master()).isEqualTo(OptionalInt.of(bridge));
    assertThat(new Addresses(insideSocket).list()).contains(new InterfaceAddress(eth0, ip4(2), 24));
    assertThat(new Routes(insideSocket).list())
        .contains(
            new Route(ip("0.0.0.0"), 0, Optional.of(ip4(1)), OptionalInt.of(eth0)),
            new Route(ip("10.89.0.0"), 24, Optional.empty(), OptionalInt.of(eth0)));
  }

  /** With br_netfilter, rules see a packet before its bridge has it. */
  private static boolean keepBridgesOutOfTheFirewall() {
    Path bridged = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");
    try {
      if (Files.exists(bridged)) {
        Files.writeString(bridged, "0");
      }
      return true;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InetAddress ip4(int last) {
    try {
      return ip("10.89.0." + last);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ServerSocket listening(InetSocketAddress address) {
    try {
      ServerSocket server = new ServerSocket();
      server.bind(address);
      return server;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bound, for only then the JDK has made its socket. */
  private static Socket unconnected() {
    try {
      Socket socket = new Socket();
      socket.bind(new InetSocketAddress(ip4(2), 0));
      return socket;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void sixthVersion_isAddressedAndRoutedToo() throws IOException {
    Links links = new Links(routerSocket);
    links.addBridge("br6");
    int bridge = index(links, "br6");
    links.up(bridge);
    Addresses addresses = new Addresses(routerSocket);
    InterfaceAddress address = new InterfaceAddress(bridge, ip("fd00:89::1"), 64);
    addresses.add(address);
    new Routes(routerSocket).add(Route.byDefault(ip("fd00:89::2")));
    assertThat(addresses.list()).contains(address);
    assertThat(new Routes(routerSocket).list())
        .contains(new Route(ip("::"), 0, Optional.of(ip("fd00:89::2")), OptionalInt.of(bridge)));
    addresses.remove(address);
    assertThat(addresses.list()).doesNotContain(address);
  }

  private static Fd transparent(InetAddress address) {
    return InternetSocket.transparent(InternetSocket.listen(new InetSocketAddress(address, 0)));
  }

  @Test
  void markedPackets_areDeliveredHere_whereverTheyGo() throws Exception {
    assertTakesWhatGoesElsewhere(
        ip("0.0.0.0"), (rule, socket) -> rule.toTransparent(4, socket.getPort()));
  }

  @Test
  void markedPackets_areDelivered_toAListenerThatNobodyElseReaches() throws Exception {
    assertTakesWhatGoesElsewhere(ip("127.0.0.1"), NftRule::toTransparent);
  }

  /** To an address that nobody has: without the mark there is no route to it. */
  private void assertTakesWhatGoesElsewhere(
      InetAddress bound, BiFunction<NftRule, InetSocketAddress, NftRule> handing) throws Exception {
    wire();
    Links links = new Links(routerSocket);
    int loopback = index(links, "lo");
    links.up(loopback);
    new TransparentRoutes(routerSocket).add(4, 7, loopback);
    new TransparentRoutes(routerSocket).add(6, 7, loopback);
    NetworkNamespace.in(router, RouteTest::keepBridgesOutOfTheFirewall);
    try (NetlinkSocket rules = NetlinkSocket.open(NetlinkSocket.NETFILTER, router);
        Fd listener = NetworkNamespace.in(router, () -> transparent(bound));
        Socket client = NetworkNamespace.in(inside, RouteTest::unconnected)) {
      InetSocketAddress socket = new InetSocketAddress(bound, InternetSocket.port(listener));
      new NftTransaction("t")
          .addTable()
          .addChain("out", NftHook.PREROUTING_MANGLE, NftVerdict.ACCEPT)
          .addRule("out", handing.apply(new NftRule().from("br0").protocol(6), socket).mark(7))
          .commit(rules);
      client.connect(new InetSocketAddress(ip("203.0.113.9"), 80), 10_000);
      assertThat(client.getRemoteSocketAddress().toString()).contains("203.0.113.9:80");
    }
  }

  @Test
  void removed_aVethTakesItsPeerAlong() {
    Links links = new Links(routerSocket);
    links.addVeth("veth0", "eth0", inside);
    links.remove(index(links, "veth0"));
    assertThat(links.find("veth0")).isEmpty();
    assertThat(new Links(insideSocket).find("eth0")).isEmpty();
  }

  @Test
  void renamed_whileItIsDown() {
    Links links = new Links(routerSocket);
    links.addBridge("old");
    links.setName(index(links, "old"), "new");
    assertThat(links.list()).extracting(Link::name).containsExactly("lo", "new");
  }

  @Test
  void refusals_areNamed_andTheSocketGoesOn() throws IOException {
    Links links = new Links(routerSocket);
    links.addBridge("br0");
    assertThatThrownBy(() -> links.addBridge("br0"))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
        .hasMessageContaining("add the bridge br0");
    assertThatThrownBy(() -> links.setMtu(index(links, "br0"), 5))
        .hasMessageContainingAll("MTU of 5", "EINVAL", "mtu less than device minimum");
    assertThatThrownBy(() -> new Routes(routerSocket).add(Route.byDefault(ip("10.1.2.3"))))
        .hasMessageContaining("ENETUNREACH");
    assertThatThrownBy(() -> links.addBridge("a-name-of-sixteen"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(links.find("br0")).isPresent();
  }

  @Test
  void threeHundredInterfaces_areListedWhole() {
    Links links = new Links(routerSocket);
    List<String> names = IntStream.range(0, 300).mapToObj(i -> "b" + i).toList();
    names.forEach(links::addBridge);
    assertThat(links.list()).extracting(Link::name).containsAll(names);
  }

  @Test
  void namespace_isThatOfTheSocketAlone() {
    List<String> before =
        new Links(keep(NetlinkSocket.open(NetlinkSocket.ROUTE)))
            .list().stream().map(Link::name).toList();
    new Links(routerSocket).addBridge("pinnace-test");
    assertThat(new Links(keep(NetlinkSocket.open(NetlinkSocket.ROUTE))).list())
        .extracting(Link::name)
        .containsExactlyElementsOf(before);
  }
}

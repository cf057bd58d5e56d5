package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Splitter;
import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.network.HostRoutes;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import dev.pinnace.spec.NetworkState.Endpoint;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

/** Networks with IPv6 beside IPv4. */
class Ipv6NetworkTest extends PortFixture {
  /** What the kernel says of an address that it does not use yet (if_inet6 of proc(5)). */
  private static final int TENTATIVE = 0x40;

  private Network net;

  @BeforeEach
  void makeNetwork() {
    net = engine.networks().create(spec("net", 1));
  }

  private static NetworkSpec spec(String name, int number) {
    return NetworkSpec.named(name)
        .withSubnet(Subnet.parse("10.77." + number + ".0/24"))
        .withIpv6(NetworkIpv6.of(Subnet6.parse("fd77:0:0:" + number + "::/64")));
  }

  private static boolean reaches6(Container container, String name) {
    return container.execute("busybox", "ping", "-6", "-c", "1", "-W", "2", name).exitCode() == 0;
  }

  @Test
  void containers_haveAddresses_whichAreShown_andKept() {
    List<String> host = host();
    Container one = engine.containers().start(in("net", "one"));
    Container two =
        engine
            .containers()
            .start(waiting().name("two").network(to("net").withIpv6("FD77:0:0:1:0::9")));
    NetworkState state = net.inspect();
    assertThat(state.ipv6())
        .contains(new NetworkState.Ipv6(Subnet6.parse("fd77:0:0:1::/64"), "fd77:0:0:1::1"));
    assertThat(state.endpoints())
        .extracting(Endpoint::ipv6)
        .containsExactly(Optional.of("fd77:0:0:1::2"), Optional.of("fd77:0:0:1::9"));
    assertThat(shell(one, "busybox ip -o -6 address show eth0")).contains("fd77:0:0:1::2/64");
    assertWay(one, "fd77:0:0:1::1 dev eth0");
    assertThat(reaches6(one, "fd77:0:0:1::9")).isTrue();
    assertThat(reaches6(one, "fd77:0:0:1::1")).as("the gateway").isTrue();
    assertThat(host()).as("the host meanwhile").isEqualTo(host);
    two.restart();
    assertThat(reaches6(two, "fd77:0:0:1::2")).isTrue();
    two.remove(true);
    assertThat(net.inspect().endpoints()).hasSize(1);
  }

  /** Where the host has a way out by IPv6 itself, a container has one too. */
  private static void assertWay(Container container, String way) {
    List<String> defaults =
        shell(container, "busybox ip -6 route")
            .lines()
            .filter(line -> line.startsWith("default "))
            .toList();
    assertThat(defaults).hasSize(HostRoutes.leadAnywhere6() ? 1 : 0);
    assertThat(defaults).allMatch(line -> line.contains("via " + way));
  }

  /** It may do so itself, and leaves its networks nevertheless. */
  @Test
  void withoutRoutesOfItsOwn_isDisconnected() {
    Network other = engine.networks().create(spec("other", 2));
    Container one =
        engine
            .containers()
            .start(in("net", "one").network("other").sysctl("net.ipv6.conf.all.disable_ipv6", "1"));
    net.disconnect(one);
    assertThat(net.inspect().endpoints()).isEmpty();
    other.disconnect(one);
    assertThat(other.inspect().endpoints()).isEmpty();
    net.remove();
  }

  private static NetworkAttachment to(String network) {
    return NetworkAttachment.to(network);
  }

  /** No address waits until others on the network have said that it is not theirs. */
  @Test
  void firstInstruction_sendsAndIsAnswered() {
    Container one = engine.containers().start(in("net", "one"));
    String script = "busybox cat /proc/net/if_inet6; busybox ping -6 -c 1 -W 2 one";
    for (int round = 0; round < 3; round++) {
      String said = engine.containers().run(shell(script).network("net")).stdout();
      assertThat(said).contains("1 packets received");
      List<String> addresses = said.lines().filter(line -> line.endsWith(" eth0")).toList();
      assertThat(addresses).as("one of the network's, one of the link's").hasSize(2);
      for (String line : addresses) {
        int flags =
            Integer.parseInt(Splitter.on(' ').omitEmptyStrings().splitToList(line).get(4), 16);
        assertThat(flags & TENTATIVE).as(line).isZero();
      }
    }
    assertThat(reaches6(one, "fd77:0:0:1::1")).isTrue();
  }

  @Test
  void names_areAnswered_andInTheFiles() {
    engine.networks().create("fourth");
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("net", "two").network("fourth"));
    Container three = engine.containers().start(in("fourth", "three"));
    assertThat(NameClient.ask(one, "two", Type.AAAA)).isEqualTo("NOERROR fd77:0:0:1:0:0:0:3");
    assertThat(NameClient.ask(one, "two.net", Type.AAAA)).isEqualTo("NOERROR fd77:0:0:1:0:0:0:3");
    assertThat(NameClient.ask(one, "two", Type.A)).isEqualTo("NOERROR 10.77.1.3");
    assertThat(NameClient.ask(three, "two", Type.AAAA))
        .as("by another network")
        .isEqualTo("NOERROR");
    assertThat(NameClient.ask(one, reverse(3), Type.PTR)).isEqualTo("NOERROR two.net.");
    assertThat(NameClient.ask(one, reverse(4), Type.PTR)).as("nobody's").isEqualTo("NXDOMAIN");
    assertThat(shell(one, "busybox cat /etc/hosts"))
        .contains("fd77:0:0:1::3\ttwo ", "fd77:0:0:1::2\t", "10.77.1.3\ttwo ");
    assertThat(shell(three, "busybox cat /etc/hosts")).doesNotContain("fd77");
    assertThat(reaches6(one, "two")).isTrue();
    two.rename("other");
    assertThat(reaches6(one, "other")).isTrue();
    assertThat(shell(one, "busybox cat /etc/hosts")).doesNotContain("\ttwo ");
  }

  private static String reverse(int host) {
    return host + ".0".repeat(15) + ".1.0.0.0" + ".0".repeat(8) + ".7.7.d.f.ip6.arpa";
  }

  @Test
  void interfacesOfOtherNetworks_haveNoIpv6() {
    engine.networks().create("fourth");
    Container one = engine.containers().start(in("fourth", "one").network("net"));
    assertThat(shell(one, "busybox ip -o -6 address")).contains(" eth1 ").doesNotContain(" eth0 ");
    assertThat(shell(one, "busybox ip route")).contains("dev eth0");
    assertWay(one, "fd77:0:0:1::1 dev eth1");
    Container two = engine.containers().start(in("net", "two"));
    assertThat(reaches6(two, "one")).isTrue();
  }

  @Test
  void settings_takeNothingFromOthersOnTheNetwork() {
    Container one = engine.containers().start(in("net", "one"));
    for (String setting : List.of("accept_ra", "autoconf", "accept_redirects", "forwarding")) {
      assertThat(shell(one, "busybox cat /proc/sys/net/ipv6/conf/eth0/" + setting))
          .as(setting)
          .isEqualTo("0");
    }
  }

  /** A new namespace may have what the host has. */
  @Test
  void namespace_passesNothingOn_whateverTheHostDoes() {
    try (Fd namespace = NetworkNamespace.create()) {
      NetworkNamespace.in(namespace, () -> forwarding("1"));
      Wiring.settle(namespace);
      assertThat(NetworkNamespace.in(namespace, () -> forwarding(""))).isEqualTo("0");
    }
  }

  private static String forwarding(String wanted) {
    Path setting = Path.of("/proc/sys/net/ipv6/conf/all/forwarding");
    try {
      if (!wanted.isEmpty()) {
        Files.writeString(setting, wanted);
      }
      return Files.readString(setting).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void otherNetwork_isNotReached_byWhateverAddressOrRoute() {
    engine.networks().create(spec("other", 2));
    Container one = engine.containers().start(in("net", "one").capAdd("NET_ADMIN"));
    Container two = engine.containers().start(in("other", "two"));
    String link = linkLocal(two);
    assertThat(reaches6(one, "fd77:0:0:2::2")).isFalse();
    assertThat(reaches6(one, "fd77:0:0:2::1")).as("its gateway").isFalse();
    assertThat(reaches6(one, link + "%eth0")).isFalse();
    shell(one, "busybox ip -6 route add fd77:0:0:2::/64 via fd77:0:0:1::1 dev eth0");
    assertThat(reaches6(one, "fd77:0:0:2::2")).as("by a route of its own").isFalse();
    shell(one, "busybox ip -6 route del fd77:0:0:2::/64");
    shell(one, "busybox ip -6 route add fd77:0:0:2::/64 dev eth0");
    assertThat(reaches6(one, "fd77:0:0:2::2")).as("as a neighbour").isFalse();
    assertThat(reaches6(two, "fd77:0:0:2::1")).isTrue();
    assertThat(reaches6(two, link + "%eth0")).isTrue();
    Container three = engine.containers().start(in("other", "three"));
    assertThat(reaches6(three, link + "%eth0")).as("in its own network").isTrue();
  }

  private static String linkLocal(Container container) {
    return shell(
        container,
        "busybox ip -o -6 address show eth0 scope link | busybox sed 's,.*inet6 \\(.*\\)/.*,\\1,'");
  }

  /** Or else answers to what it sends would go to the other one. */
  @Test
  void addressOfAnotherNetwork_isNotSentFrom() {
    engine.networks().create(spec("other", 2));
    Container one = engine.containers().start(in("net", "one").capAdd("NET_ADMIN"));
    Container two = engine.containers().start(in("other", "two"));
    assertThat(reaches6(one, "fd77:0:0:1::1")).isTrue();
    shell(one, "busybox ip -6 address add fd77:0:0:2::2/128 dev eth0 preferred_lft 0");
    shell(one, "busybox ping -6 -c 3 -W 1 -I fd77:0:0:2::2 fd77:0:0:1::1; busybox true");
    assertThat(answersToPings(two)).isZero();
    assertThat(reaches6(two, "fd77:0:0:2::1")).isTrue();
    assertThat(answersToPings(two)).isEqualTo(1);
  }

  private static int answersToPings(Container container) {
    return Integer.parseInt(
        shell(container, "busybox awk '$1 == \"Icmp6InEchoReplies\" {print $2}' /proc/net/snmp6"));
  }

  /** One that is in both passes nothing on between them. */
  @Test
  void containerBetweenNetworks_isNoRouter() {
    engine.networks().create(spec("other", 2));
    Container one = engine.containers().start(in("net", "one").capAdd("NET_ADMIN"));
    engine.containers().start(in("net", "both").network("other"));
    engine.containers().start(in("other", "two"));
    assertThat(reaches6(one, "both")).isTrue();
    shell(one, "busybox ip -6 route add fd77:0:0:2::/64 via fd77:0:0:1::3 dev eth0");
    assertThat(reaches6(one, "fd77:0:0:2::3")).isFalse();
  }

  @Test
  void connected_andDisconnected_whileItRuns() {
    Network fourth = engine.networks().create("fourth");
    Network other = engine.networks().create(spec("other", 2));
    Container one = engine.containers().start(in("fourth", "one"));
    Container two = engine.containers().start(in("other", "two"));
    net.connect(one);
    other.connect(one, to("other").withIpv6("fd77:0:0:2::7"));
    assertThat(reaches6(two, "one")).isTrue();
    assertThat(reaches6(one, "two")).isTrue();
    assertWay(one, "fd77:0:0:1::1 dev eth1");
    net.disconnect(one);
    assertWay(one, "fd77:0:0:2::1 dev eth2");
    assertThat(net.inspect().endpoints()).isEmpty();
    one.restart();
    assertThat(reaches6(two, "fd77:0:0:2::7")).isTrue();
    other.disconnect(one);
    assertThat(reaches6(two, "fd77:0:0:2::7")).isFalse();
    assertThat(shell(two, "busybox cat /etc/hosts")).doesNotContain("fd77:0:0:2::7");
    assertThat(shell(one, "busybox ip -6 route")).doesNotContain("default");
    fourth.disconnect(one);
  }

  @Test
  void relayThatWasKilled_isMended() {
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("net", "two"));
    killRouter();
    eventually(() -> !reaches6(one, "fd77:0:0:1::3"));
    engine().close();
    assertThat(reaches6(one, "fd77:0:0:1::3")).isTrue();
    assertThat(reaches6(two, "one")).isTrue();
    assertWay(one, "fd77:0:0:1::1 dev eth0");
  }

  @Test
  void whatCannotBe_isRefused_beforeAnythingIsMade() {
    engine.networks().create("fourth");
    Container one =
        engine
            .containers()
            .start(waiting().name("one").network(to("net").withIpv6("fd77:0:0:1::5")));
    assertRefused(to("fourth").withIpv6("fd77:0:0:1::5"), "network fourth, which has no IPv6");
    assertRefused(to("net").withIpv6("fd77:0:0:2::5"), "whose IPv6 subnet is fd77:0:0:1::/64");
    assertRefused(to("net").withIpv6("fd77:0:0:1::"), "whose IPv6 subnet is fd77:0:0:1::/64");
    assertThatThrownBy(() -> to("net").withIpv6("10.77.1.5"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("\"10.77.1.5\" is no IPv6 address");
    assertThatThrownBy(() -> to("net").withAddress("fd77:0:0:1::7"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("\"fd77:0:0:1::7\" is no IPv4 address");
    assertThatThrownBy(() -> engine.containers().create(named("two", "fd77:0:0:1::5")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is another container's");
    assertThatThrownBy(() -> engine.containers().create(named("two", "fd77:0:0:1::1")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is the gateway's");
    assertThat(net.inspect().endpoints()).hasSize(1);
    Network fourth = engine.networks().get("fourth");
    assertThatThrownBy(() -> fourth.connect(one, to("fourth").withIpv6("fd77:0:0:1::6")))
        .isInstanceOf(InvalidSpecException.class);
    assertThat(fourth.inspect().endpoints()).isEmpty();
    assertThat(engine.containers().find("two")).isEmpty();
  }

  private static ContainerSpecBuilder named(String name, String address) {
    return waiting().name(name).network(to("net").withIpv6(address));
  }

  private void assertRefused(NetworkAttachment wanted, String why) {
    assertThatThrownBy(() -> engine.containers().create(waiting().name("two").network(wanted)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(why);
    assertThat(engine.containers().find("two")).isEmpty();
  }

  @Test
  void subnetByDefault_isUniqueLocal_andNobodyElses() {
    NetworkState.Ipv6 first =
        engine
            .networks()
            .create(NetworkSpec.named("first").withIpv6())
            .inspect()
            .ipv6()
            .orElseThrow();
    NetworkState.Ipv6 second =
        engine
            .networks()
            .create(NetworkSpec.named("second").withIpv6())
            .inspect()
            .ipv6()
            .orElseThrow();
    assertThat(first.subnet().prefix()).isEqualTo(64);
    assertThat(Subnet6.parse("fd00::/8").contains(first.subnet())).isTrue();
    assertThat(first.subnet().overlaps(second.subnet())).isFalse();
    Container one = engine.containers().start(in("first", "one"));
    assertThat(reaches6(one, first.gateway())).isTrue();
    assertThatThrownBy(
            () ->
                engine
                    .networks()
                    .create(NetworkSpec.named("third").withIpv6(NetworkIpv6.of(first.subnet()))))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("of network first: use another one");
    assertThat(engine.networks().find("third")).isEmpty();
  }

  @Test
  void publishedPort_leadsToTheIpv4Address_fromBoth() {
    Container web = engine.containers().start(serving("web", "word").publish("8080"));
    assertThat(web.ports()).hasSize(2);
    web.ports().forEach(port -> assertThat(answer(port.host())).isEqualTo("word"));
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.spec.HostPort;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState.Endpoint;
import dev.pinnace.spec.Subnet;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers that are connected to networks, and disconnected, after they were made. */
class NetworkConnectionTest extends PortFixture {
  private Network net;
  private Network other;

  @BeforeEach
  void makeNetworks() {
    net =
        engine.networks().create(NetworkSpec.named("net").withSubnet(Subnet.parse("10.77.1.0/24")));
    other =
        engine
            .networks()
            .create(NetworkSpec.named("other").withSubnet(Subnet.parse("10.77.2.0/24")));
  }

  @Test
  void connected_isReachedAtOnce_andKeepsItOverARestart() {
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("other", "two"));
    assertThat(reaches(two, "one")).isFalse();
    other.connect(one, NetworkAttachment.to("other").withAddress("10.77.2.9").withAlias("guest"));
    assertThat(reaches(two, "one")).isTrue();
    assertThat(reaches(two, "guest")).isTrue();
    assertThat(reaches(one, "two")).isTrue();
    assertThat(shell(one, "busybox ip -o -4 address show eth1")).contains("10.77.2.9/24");
    assertThat(shell(one, "busybox ip route")).containsOnlyOnce("default via 10.77.1.1 dev eth0");
    assertThat(one.inspect().spec().namespaces().networks())
        .extracting(NetworkAttachment::network)
        .containsExactly("net", "other");
    one.restart();
    assertThat(reaches(two, "guest")).isTrue();
    assertThat(other.inspect().endpoints()).extracting(Endpoint::address).contains("10.77.2.9");
  }

  @Test
  void disconnected_isReachedNoMore_andItsAddressIsFree() {
    Container one = engine.containers().start(in("net", "one").network("other"));
    Container two = engine.containers().start(in("other", "two"));
    assertThat(reaches(two, "one")).isTrue();
    other.disconnect(one);
    assertThat(reaches(two, "10.77.2.2")).isFalse();
    assertThat(shell(two, "busybox cat /etc/hosts")).doesNotContain("10.77.2.2\t");
    assertThat(shell(one, "busybox cat /etc/hosts")).doesNotContain("10.77.2.");
    assertThat(shell(one, "busybox ip -o link")).doesNotContain("eth1");
    assertThat(other.inspect().endpoints()).extracting(Endpoint::name).containsExactly("two");
    Container three = engine.containers().start(in("other", "three"));
    assertThat(shell(three, "busybox ip -o -4 address")).contains("10.77.2.2/24");
  }

  @Test
  void publishedPort_staysTheSame_whereverItLeads() {
    Container web =
        engine
            .containers()
            .start(
                shell("exec busybox nc -ll -p 8080 -e busybox netstat -tn")
                    .name("web")
                    .network("net")
                    .publish("127.0.0.1::8080"));
    HostPort port = web.port(8080);
    eventually(() -> answer(port).contains("10.77.1.2:8080"));
    other.connect(web);
    assertThat(answer(port)).contains("10.77.1.2:8080");
    net.disconnect(web);
    assertThat(answer(port)).contains("10.77.2.2:8080");
    assertThat(shell(web, "busybox ip route")).contains("default via 10.77.2.1 dev eth1");
    other.disconnect(web);
    assertThat(answer(port)).isEmpty();
    assertThat(answers(port)).as("it is still listened at").isTrue();
    net.connect(web);
    assertThat(answer(port)).contains("10.77.1.2:8080");
    assertThat(web.port(8080)).isEqualTo(port);
  }

  @Test
  void inNoNetworkAnyMore_startsAndIsConnectedAgain() {
    Container one = engine.containers().start(in("net", "one"));
    net.disconnect(one);
    one.restart();
    assertThat(shell(one, "busybox ip -o -4 address")).doesNotContain("eth0");
    net.connect(one);
    Container two = engine.containers().start(in("net", "two"));
    assertThat(reaches(two, "one")).isTrue();
    for (int i = 0; i < 3; i++) {
      net.disconnect(one);
      net.connect(one);
    }
    assertThat(reaches(one, "two")).isTrue();
  }

  @Test
  void stopped_isConnectedFromItsNextStartOn() {
    Container one = engine.containers().create(in("net", "one"));
    other.connect(one);
    net.disconnect(one);
    assertThat(net.inspect().endpoints()).isEmpty();
    one.start();
    Container two = engine.containers().start(in("other", "two"));
    assertThat(reaches(two, "one")).isTrue();
    assertThat(shell(one, "busybox ip -o -4 address")).doesNotContain("10.77.1.");
  }

  @Test
  void paused_isConnected() {
    Container one = engine.containers().start(in("net", "one"));
    engine.containers().start(in("other", "two"));
    one.pause();
    other.connect(one);
    one.unpause();
    assertThat(reaches(one, "two")).isTrue();
  }

  @Test
  void killedRelay_isMendedByAConnection() {
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("other", "two"));
    killRouter();
    other.connect(one);
    assertThat(reaches(one, "two")).isTrue();
    killRouter();
    net.disconnect(one);
    assertThat(reaches(two, "one")).isTrue();
    assertThat(shell(one, "busybox ip -o -4 address")).doesNotContain("10.77.1.");
  }

  @Test
  void names_areAskedFor_inTheNetworkThatIsTheFirstNow() {
    Container one = engine.containers().start(in("net", "one"));
    engine.containers().start(in("other", "two"));
    String before = shell(one, "busybox cat /etc/resolv.conf");
    assertThat(before).startsWith("nameserver " + state("net").gateway() + "\n");
    other.connect(one);
    assertThat(shell(one, "busybox cat /etc/resolv.conf")).isEqualTo(before);
    net.disconnect(one);
    assertThat(shell(one, "busybox cat /etc/resolv.conf"))
        .isEqualTo(before.replace(state("net").gateway(), state("other").gateway()));
    assertThat(shell(one, "busybox nslookup two.other")).contains(address("other", "two"));
    shell(one, "echo 'nameserver 192.0.2.1' > /etc/resolv.conf");
    net.connect(one);
    other.disconnect(one);
    assertThat(shell(one, "busybox cat /etc/resolv.conf")).isEqualTo("nameserver 192.0.2.1");
  }

  @Test
  void connections_areTold_alsoOfStartsAndEnds() {
    Instant since = Instant.now();
    Container one = engine.containers().start(in("net", "one"));
    other.connect(one);
    net.disconnect(one);
    one.stop();
    List<String> wanted =
        List.of("connect net", "connect other", "disconnect net", "disconnect other");
    eventually(() -> told(since, one).equals(wanted));
  }

  private List<String> told(Instant since, Container container) {
    EventFilter filter =
        EventFilter.all().type(Event.Type.NETWORK).since(since).until(Instant.now());
    try (Stream<Event> events = engine.events(filter)) {
      return events
          .filter(event -> container.id().hex().equals(event.details().get("container")))
          .map(event -> event.action().word() + " " + event.name())
          .toList();
    }
  }

  @Test
  void badRequests_areRefused_andLeaveNothing() {
    Container none = engine.containers().start(waiting().name("none"));
    Container host = engine.containers().create(waiting().name("host").network(NetworkMode.HOST));
    Container in = engine.containers().start(in("net", "in"));
    Container shares = engine.containers().create(waiting().name("shares").networkOf("in"));
    assertThatThrownBy(() -> other.connect(none))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("it was made with no network");
    assertThatThrownBy(() -> other.connect(host)).hasMessageContaining("with the host's network");
    assertThatThrownBy(() -> other.connect(shares)).hasMessageContaining("shares the network");
    assertThatThrownBy(() -> net.connect(in))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is connected to network net already");
    assertThatThrownBy(() -> other.disconnect(in))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("container in is not connected to network other");
    assertThatThrownBy(() -> other.connect(in, NetworkAttachment.to("net")))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(
            () -> other.connect(in, NetworkAttachment.to("other").withAddress("10.77.2.1")))
        .hasMessageContaining("gateway");
    assertThat(other.inspect().endpoints()).isEmpty();
    assertThat(shell(in, "busybox ip -o link")).doesNotContain("eth1");
  }

  @Test
  void killedAnywhere_leavesNoAddressAndNoInterface() {
    Container one = engine.containers().start(in("net", "one"));
    for (String work : new String[] {"connect", "disconnect"}) {
      int point = 1;
      boolean halted = true;
      for (; halted; point++) {
        boolean wanted = work.equals("disconnect");
        boolean is = other.inspect().isUsed();
        if (wanted && !is) {
          other.connect(one);
        } else if (is && !wanted) {
          other.disconnect(one);
        }
        try (Peer peer = Peer.start(root(), runDirectory())) {
          assertThat(peer.ask("halt-at-point", Integer.toString(point))).isEqualTo("ok");
          String said = peer.ask(work, "other", "one");
          assertThat(said).doesNotStartWith("failed");
          halted = said.startsWith("halted");
          peer.kill();
        }
        try (Pinnace next = engine()) {
          boolean recorded =
              next.containers().get("one").inspect().spec().namespaces().networks().stream()
                  .anyMatch(to -> to.network().equals("other"));
          assertThat(next.networks().get("other").inspect().isUsed()).isEqualTo(recorded);
          assertThat(shell(one, "busybox ip -o -4 address").contains("10.77.2."))
              .as("%s at point %d", work, point)
              .isEqualTo(recorded);
        }
      }
      assertThat(point).as("points of %s", work).isGreaterThan(3);
    }
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

/** The network that is there without being made. */
class DefaultBridgeTest extends PortFixture {
  private static final String WAITS = "echo ready; busybox sleep 1000";

  @Test
  void bridge_isThereWithoutBeingMade_andStays() {
    Network bridge = engine.networks().get("bridge");
    assertThat(bridge.inspect().isPredefined()).isTrue();
    assertThat(bridge.inspect().subnet().prefix()).isEqualTo(16);
    assertThat(engine.networks().list(NetworkFilter.all().predefined(true)))
        .extracting(NetworkState::name)
        .containsExactly("bridge");
    assertThat(engine.networks().list(NetworkFilter.all().dangling(true))).isEmpty();
    assertThat(engine.networks().find(bridge.inspect().id().substring(0, 12))).contains(bridge);
    assertThatThrownBy(bridge::remove)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("network bridge is always there, and cannot be removed");
    assertThat(engine.networks().prune(NetworkFilter.all())).isEmpty();
    assertThatThrownBy(() -> engine.networks().create("bridge"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("that one is always there");
    NetworkSpec made =
        new NetworkSpec(
            "bridge",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true,
            Map.of());
    assertThatThrownBy(() -> engine.networks().create(made))
        .hasMessageContaining("that one is always there");
    try (Pinnace other = engine()) {
      assertThat(other.networks().get("bridge").inspect()).isEqualTo(bridge.inspect());
    }
  }

  @Test
  void addressesAndAliases_areRefused() {
    NetworkAttachment bridge = NetworkAttachment.to("default");
    assertThat(bridge.network()).isEqualTo("bridge");
    assertThatThrownBy(() -> bridge.withAddress("172.17.0.9"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no addresses of one's own choice on the default bridge");
    assertThatThrownBy(() -> bridge.withIpv6("fd00::9"))
        .hasMessageContaining("no addresses of one's own choice on the default bridge");
    assertThatThrownBy(() -> bridge.withAlias("db"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no aliases on the default bridge");
    Container one =
        engine
            .containers()
            .start(waiting().name("one").network(bridge.withMac("02:00:00:00:00:07")));
    assertThat(shell(one, "busybox ip link show eth0")).contains("02:00:00:00:00:07");
  }

  @Test
  void peers_areReachedByAddress_andHaveNoNames() {
    Container one = engine.containers().start(in("bridge", "alpha"));
    Container two = engine.containers().start(in("default", "beta"));
    String address = address("bridge", "beta");
    assertThat(reaches(one, address)).isTrue();
    assertThat(reaches(one, "beta")).isFalse();
    assertThat(shell(one, "busybox cat /etc/hosts"))
        .contains(address("bridge", "alpha") + "\t" + one.id().shortHex() + "\n")
        .doesNotContain("beta", two.id().shortHex());
    for (String name : List.of("alpha", "beta", two.id().shortHex(), "beta.bridge")) {
      assertThat(NameClient.own(one, name)).as(name).isFalse();
    }
    assertThat(NameClient.ask(one, pointer(address), Type.PTR)).startsWith("NXDOMAIN");
    assertThat(shell(one, "busybox cat /etc/resolv.conf"))
        .startsWith("nameserver " + state("bridge").gateway() + "\n");
  }

  private static String pointer(String address) {
    String[] parts = address.split("\\.", -1);
    return parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0] + ".in-addr.arpa";
  }

  @Test
  void ports_arePublished() {
    Container web =
        engine
            .containers()
            .start(
                shell("exec busybox nc -ll -p 8080 -e echo hello")
                    .name("web")
                    .network("bridge")
                    .publish("127.0.0.1::8080"));
    eventually(() -> answer(web.port(8080)).equals("hello"));
  }

  @Test
  void theWorld_isReached() throws IOException {
    Optional<String> outside = outside();
    assumeTrue(outside.isPresent(), "this host has no address but its loopback's");
    try (ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress(outside.get(), 0));
      Container one = engine.containers().start(in("bridge", "one"));
      Thread answers = new Thread(() -> answerOnce(server), "server");
      answers.setDaemon(true);
      answers.start();
      assertThat(
              one.execute("busybox", "nc", "-w", "5", outside.get(), "" + server.getLocalPort())
                  .stdout())
          .isEqualTo("hello");
    }
  }

  private static Optional<String> outside() {
    return dev.pinnace.internal.network.HostAddress.find().map(found -> found.getHostAddress());
  }

  private static void answerOnce(ServerSocket server) {
    try (Socket client = server.accept()) {
      client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      throw new java.io.UncheckedIOException(gone);
    }
  }

  @Test
  void connected_itIsOneOfSeveral_andOnlyTheOtherOneHasNames() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("bridge", "two"));
    Network bridge = engine.networks().get("bridge");
    bridge.connect(one);
    assertThat(reaches(one, address("bridge", "two"))).isTrue();
    assertThat(NameClient.own(one, "one")).isTrue();
    assertThat(NameClient.own(one, "two")).isFalse();
    assertThat(shell(two, "busybox cat /etc/hosts")).doesNotContain("one");
    engine.networks().get("net").connect(two);
    assertThat(reaches(two, "one")).isTrue();
    assertThat(NameClient.own(one, "two")).isTrue();
    bridge.disconnect(two);
    assertThat(shell(two, "busybox cat /etc/resolv.conf"))
        .startsWith("nameserver " + state("net").gateway() + "\n")
        .contains("ndots:0");
    assertThat(reaches(two, "one")).isTrue();
    shell(two, "echo 'nameserver 192.0.2.1' > /etc/resolv.conf");
    bridge.connect(two);
    engine.networks().get("net").disconnect(two);
    assertThat(shell(two, "busybox cat /etc/resolv.conf"))
        .as("the container's own")
        .isEqualTo("nameserver 192.0.2.1");
    bridge.disconnect(two);
    assertThatThrownBy(() -> bridge.disconnect(two))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is not connected to network bridge");
  }

  @Test
  void killedAnywhere_asItIsMade_itIsThereAllTheSame() throws IOException {
    int point = 1;
    boolean halted;
    do {
      forget();
      try (Peer peer = Peer.start(root(), runDirectory())) {
        assertThat(peer.ask("halt-at-point", Integer.toString(point++))).isEqualTo("ok");
        String said = peer.ask("start", "cc", "bound,fleeting,bridge", WAITS);
        assertThat(said).doesNotStartWith("failed");
        halted = said.startsWith("halted");
        peer.kill();
      }
      eventually(() -> relays() == 0);
      try (Pinnace next = engine()) {
        next.containers().find("cc").ifPresent(left -> left.remove(true));
        assertThat(next.networks().get("bridge").inspect().endpoints()).isEmpty();
      }
    } while (halted);
    assertThat(point).isGreaterThan(2);
  }

  /** As in a root where nobody has asked for it. */
  private static void forget() throws IOException {
    Path bridge = root().resolve("networks/bridge");
    if (Files.exists(bridge)) {
      assertThat(children(bridge))
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("network.json", "addresses");
      Files.delete(bridge.resolve("network.json"));
      Files.delete(bridge.resolve("addresses"));
      Files.delete(bridge);
    }
  }

  @Test
  void damaged_itIsNamed_andCanBeRemoved_andIsThereAgain() throws IOException {
    String id = state("bridge").id();
    Files.writeString(root().resolve("networks/bridge/network.json"), "{");
    Network bridge = engine.networks().get("bridge");
    assertThatThrownBy(bridge::inspect)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("bridge/network.json is damaged");
    bridge.remove();
    assertThat(state("bridge").id()).isNotEqualTo(id);
  }
}

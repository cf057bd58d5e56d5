package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.network.HostAddress;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.NetworkSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What containers of networks reach outside: an address of this host's stands for the world. */
class OutboundTest extends PortFixture {
  private static InetAddress outside() {
    Optional<InetAddress> found = HostAddress.find();
    assumeTrue(found.isPresent(), "this host has no address but its loopback's");
    return found.get();
  }

  /** One that answers each connection with who it comes from, then closes it. */
  private static ServerSocket server(InetAddress address) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(address, 0));
    Thread thread = new Thread(() -> answerUntilClosed(server), "server");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private static void answerUntilClosed(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        byte[] got = client.getInputStream().readNBytes(5);
        client.getOutputStream().write("heard ".getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().write(got);
      } catch (IOException gone) {
        assertThat(gone).isNotNull(); // one client, or the server itself
      }
    }
  }

  private static String ask(Container container, InetAddress host, int port) {
    return ask(container, host.getHostAddress(), port);
  }

  private static String ask(Container container, String host, int port) {
    return container
        .execute("busybox", "sh", "-c", "echo four | busybox nc -w 5 " + host + " " + port)
        .stdout()
        .strip();
  }

  @Test
  void connection_isCarried_andTheHostStaysAsItWas() throws Exception {
    InetAddress outside = outside();
    var host = host();
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    try (ServerSocket server = server(outside)) {
      assertThat(ask(one, outside, server.getLocalPort())).isEqualTo("heard four");
      assertThat(host()).as("the host meanwhile").isEqualTo(host);
    }
  }

  @Test
  void firstInstruction_reachesTheWorld() throws Exception {
    InetAddress outside = outside();
    engine.networks().create("net");
    try (ServerSocket server = server(outside)) {
      String script =
          "echo four | busybox nc -w 5 " + outside.getHostAddress() + " " + server.getLocalPort();
      assertThat(engine.containers().run(shell(script).network("net")).stdout())
          .isEqualTo("heard four\n");
    }
  }

  @Test
  void datagrams_goOut_andTheirAnswersComeBack() throws Exception {
    InetAddress outside = outside();
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertAnswered(one, new InetSocketAddress(outside, 0));
  }

  /** The relay answers from addresses of port 53, which the name server of the router has, too. */
  @Test
  void nameServersOutside_areReached_andTheNextEngineAnswersAllTheSame() throws Exception {
    InetAddress outside = outside();
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one").detached());
    assertThat(NameClient.own(one, "one")).isTrue();
    assertAnswered(one, new InetSocketAddress(outside, 53));
    try (Pinnace next = engine()) {
      engine.close();
      Container same = next.containers().get("one");
      assertAnswered(same, new InetSocketAddress(outside, 53));
      eventually(() -> NameClient.answers(same, "one"));
      same.remove(true);
      next.networks().get("net").remove();
    }
    engine = engine();
  }

  private static void assertAnswered(Container asker, InetSocketAddress address)
      throws IOException {
    try (DatagramChannel server = DatagramChannel.open();
        DatagramChannel inside = datagrams(asker)) {
      server.bind(address);
      inside.connect(server.getLocalAddress()); // takes answers from there only
      inside.write(StandardCharsets.UTF_8.encode("question"));
      ByteBuffer got = ByteBuffer.allocate(100);
      var sender = server.receive(got);
      assertThat(StandardCharsets.UTF_8.decode(got.flip()).toString()).isEqualTo("question");
      server.send(StandardCharsets.UTF_8.encode("answer"), sender);
      inside.read(got.clear());
      assertThat(StandardCharsets.UTF_8.decode(got.flip()).toString()).isEqualTo("answer");
    }
  }

  @Test
  void internal_reachesNothing() throws Exception {
    InetAddress outside = outside();
    engine.networks().create(NetworkSpec.named("closed").asInternal());
    Container one = engine.containers().start(in("closed", "one").capAdd("NET_ADMIN"));
    try (ServerSocket server = server(outside)) {
      assertThat(ask(one, outside, server.getLocalPort())).isEmpty();
      shell(one, "busybox ip route add default via " + state("closed").gateway());
      assertThat(ask(one, outside, server.getLocalPort())).as("by a route of its own").isEmpty();
    }
  }

  @Test
  void loopbackOfTheHost_isNotReached_byWhateverAddress() throws Exception {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    try (ServerSocket server = server(InetAddress.getLoopbackAddress())) {
      int port = server.getLocalPort();
      assertThat(ask(one, state("net").gateway(), port)).isEmpty();
      assertThat(ask(one, "127.0.0.1", port)).isEmpty();
      assertThat(ask(one, "0.0.0.0", port)).isEmpty();
    }
  }

  /** Or else answers to what it asks would go to the other one. */
  @Test
  void addressOfAnotherNetwork_isNotSentFrom() {
    engine.networks().create("one");
    engine.networks().create("two");
    Container first = engine.containers().start(in("one", "first").capAdd("NET_ADMIN"));
    Container second = engine.containers().start(in("two", "second"));
    String forged = state("two").endpoints().get(0).address();
    String gateway = state("one").gateway();
    assertThat(reaches(first, gateway)).isTrue();
    shell(first, "busybox ip address add " + forged + "/32 dev eth0");
    first.execute("busybox", "ping", "-c", "3", "-W", "1", "-I", forged, gateway);
    assertThat(answersToPings(second)).isZero();
    assertThat(reaches(second, state("two").gateway())).isTrue();
    assertThat(answersToPings(second)).isEqualTo(1);
  }

  /** How many have come, asked for or not. */
  private static int answersToPings(Container container) {
    List<String> lines = shell(container, "busybox grep Icmp: /proc/net/snmp").lines().toList();
    int column = Splitter.on(' ').splitToList(lines.get(0)).indexOf("InEchoReps");
    return Integer.parseInt(Splitter.on(' ').splitToList(lines.get(1)).get(column));
  }

  /** Neither its containers nor its gateway, by whatever is dialled from the host. */
  @Test
  void otherNetwork_isNotReached_thoughEverythingElseIs() throws Exception {
    engine.networks().create("one");
    engine.networks().create("two");
    Container first = engine.containers().start(in("one", "first"));
    Container second = engine.containers().start(in("two", "second"));
    second.execute(
        "busybox", "sh", "-c", "busybox nc -ll -p 8080 -e busybox echo no >/dev/null 2>&1 &");
    assertThat(reaches(first, state("two").endpoints().get(0).address())).isFalse();
    assertThat(reaches(first, state("two").gateway())).isFalse();
    String seconds = state("two").endpoints().get(0).address();
    assertThat(ask(first, seconds, 8080)).isEmpty();
  }

  @Test
  void host_isReachedByItsName() throws Exception {
    engine.networks().create("net");
    Container one =
        engine.containers().start(in("net", "one").extraHost("the.host", "host-gateway"));
    try (ServerSocket server = new ServerSocket(0)) { // at all addresses of the host
      new Thread(() -> answerUntilClosed(server)).start();
      assertThat(ask(one, "the.host", server.getLocalPort())).isEqualTo("heard four");
    }
    assertThatThrownBy(() -> waiting().extraHost("x", "host-gateway").build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("let it be in a network");
    assertThat(
            engine
                .containers()
                .run(
                    shell("busybox grep x.host /etc/hosts")
                        .extraHost("x.host", "host-gateway")
                        .network(NetworkMode.HOST))
                .stdout())
        .isEqualTo("127.0.0.1\tx.host\n");
  }

  @Test
  void relayThatWasKilled_isMended_outwardsToo() throws Exception {
    InetAddress outside = outside();
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    try (ServerSocket server = server(outside)) {
      killRouter();
      assertThat(ask(one, outside, server.getLocalPort())).isEmpty();
      engine().close();
      assertThat(ask(one, outside, server.getLocalPort())).isEqualTo("heard four");
    }
  }

  @Test
  void networkThatIsMadeAnew_hasTheRulesOfTheNewOne() throws Exception {
    InetAddress outside = outside();
    engine.networks().create("other");
    Container other = engine.containers().start(in("other", "other"));
    engine.networks().create(NetworkSpec.named("net").asInternal());
    Container one = engine.containers().start(in("net", "one"));
    try (ServerSocket server = server(outside)) {
      assertThat(ask(one, outside, server.getLocalPort())).isEmpty();
      one.remove(true);
      engine.networks().get("net").remove();
      engine.networks().create("net");
      Container two = engine.containers().start(in("net", "two"));
      assertThat(ask(two, outside, server.getLocalPort())).isEqualTo("heard four");
      assertThat(ask(other, outside, server.getLocalPort())).isEqualTo("heard four");
    }
  }
}

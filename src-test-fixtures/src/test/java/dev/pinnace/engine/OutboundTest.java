package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.Container;
import dev.pinnace.spec.NetworkSpec;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What containers of networks reach outside: an address of this host's stands for the world. */
class OutboundTest extends PortFixture {
  private static InetAddress outside() throws IOException {
    Optional<InetAddress> found =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(a -> a instanceof Inet4Address && !a.isLoopbackAddress())
            .filter(a -> !a.isLinkLocalAddress())
            .findFirst();
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
    try (DatagramChannel server = DatagramChannel.open();
        DatagramChannel inside = datagrams(one)) {
      server.bind(new InetSocketAddress(outside, 0));
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
    Container one = engine.containers().start(in("closed", "one"));
    try (ServerSocket server = server(outside)) {
      String gateway = state("closed").gateway();
      assertThat(ask(one, outside, server.getLocalPort())).isEmpty();
      // One that can change its routes gets no further.
      assertThat(ask(one, gateway, server.getLocalPort())).isEmpty();
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

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet6;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What containers reach outside by IPv6, from an engine whose host is a network namespace of its
 * own, with one interface that leads nowhere.
 */
class Ipv6OutboundTest extends NetworkFixture {
  private static final String WAITS = "exec busybox sleep 1000";
  private static final String ADDRESS = "2001:db8:1::5";
  private static final String HEARD = "heard 2001:db8:1:0:0:0:0:5";
  private static final String GATEWAY = "fd77:0:0:1::1";
  private static final String UNREACHABLE = "Network is unreachable";
  private static final NetworkSpec NET =
      NetworkSpec.named("net").withIpv6(NetworkIpv6.of(Subnet6.parse("fd77:0:0:1::/64")));

  /** A JVM to which a namespace is the host's that those commands have set up. */
  private static Peer onHost(String setUp) {
    String links = "ip link set lo up && ip link add up0 type veth peer name up1";
    Peer host =
        Peer.start(
            root(),
            runDirectory(),
            "unshare",
            "--net",
            "sh",
            "-c",
            links
                + " && ip link set up0 up && ip link set up1 up && "
                + setUp
                + " && exec \"$0\" \"$@\"");
    assertThat(host.ask("list")).as("it is set up").isEmpty();
    return host;
  }

  private static Peer onHostWithIpv6(String... more) {
    StringBuilder setUp = new StringBuilder("ip address add " + ADDRESS + "/64 nodad dev up0");
    for (String address : more) {
      setUp.append(" && ip address add ").append(address);
      setUp.append(address.indexOf(':') < 0 ? "" : " nodad").append(" dev up0");
    }
    return onHost(setUp.toString());
  }

  private static <T> T inside(Peer host, Supplier<T> work) {
    try (Fd namespace = Inode.openForReading(host.network())) {
      return NetworkNamespace.in(namespace, work);
    }
  }

  /** It tells each that connects whom it has heard. */
  private static ServerSocket server(Peer host, String address) {
    ServerSocket server =
        inside(
            host,
            () -> {
              try {
                ServerSocket made = new ServerSocket();
                made.bind(new InetSocketAddress(address, 0));
                return made;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                  String peer = "heard " + client.getInetAddress().getHostAddress();
                  client.getOutputStream().write(peer.getBytes(StandardCharsets.UTF_8));
                } catch (IOException gone) {
                  assertThat(gone).isNotNull(); // one client, or the server itself
                }
              }
            },
            "server");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  /** What a container hears, or why not, in one line. */
  private static String ask(Peer host, String address, int port) {
    return host.ask(
        "exec", "cc", "busybox nc -w 5 " + address + " " + port + " </dev/null 2>&1 | head -n 1");
  }

  @Test
  void connection_isCarried_fromTheFirstInstructionOn() throws Exception {
    engine.networks().create(NET);
    try (Peer host = onHostWithIpv6()) {
      try (ServerSocket server = server(host, ADDRESS)) {
        String first = "busybox nc -w 5 " + ADDRESS + " " + server.getLocalPort() + "; " + WAITS;
        assertThat(host.ask("start", "cc", "bound,network", first)).hasSize(64);
        eventually(() -> host.ask("log", "cc").equals(HEARD));
        assertThat(ask(host, ADDRESS, server.getLocalPort())).isEqualTo(HEARD);
        assertThat(host.ask("exec", "cc", "busybox ip -6 route | busybox grep default"))
            .contains("default via fd77:0:0:1::1 dev eth0");
      }
      host.ask("remove", "cc");
    }
  }

  @Test
  void loopbackOfTheHost_isNotReached() throws Exception {
    engine.networks().create(NET);
    String translated = "64:ff9b::7f00:1"; // 127.0.0.1 by NAT64 (RFC 6052)
    try (Peer host = onHostWithIpv6("fd00:ec2::253/128", translated + "/128")) {
      assertThat(host.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      try (ServerSocket server = server(host, "::")) {
        int port = server.getLocalPort();
        assertThat(ask(host, "fd00:ec2::253", port)).as("what it may reach").contains("heard");
        assertThat(heard(host, translated, port)).as("is there for the host").isTrue();
        for (String address : new String[] {translated, "::1", GATEWAY, "::ffff:127.0.0.1", "::"}) {
          assertThat(ask(host, address, port)).as(address).doesNotContain("heard");
        }
      }
      host.ask("remove", "cc");
    }
  }

  @Test
  void whereCloudsTellCredentials_isNotReached() throws Exception {
    engine.networks().create(NET);
    String[] clouds = {
      "fd00:ec2::254",
      "fd20:ce::254",
      "fd00:c1::a9fe:a9fe",
      "fd00:42::42",
      "100.100.100.200",
      "192.0.0.192"
    };
    try (Peer host =
        onHostWithIpv6(Stream.of(clouds).map(Ipv6OutboundTest::whole).toArray(String[]::new))) {
      assertThat(host.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      try (ServerSocket server = server(host, "::")) {
        for (String address : clouds) {
          assertThat(heard(host, address, server.getLocalPort())).as("by the host").isTrue();
          assertThat(ask(host, address, server.getLocalPort())).as(address).doesNotContain("heard");
        }
      }
      host.ask("remove", "cc");
    }
  }

  private static String whole(String address) {
    return address + (address.indexOf(':') < 0 ? "/32" : "/128");
  }

  /** Whether the host itself reaches a server there. */
  private static boolean heard(Peer host, String address, int port) {
    return inside(
        host,
        () -> {
          try (Socket client = new Socket(address, port)) {
            return client.getInputStream().read() == 'h';
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void datagrams_goOut_andTheirAnswersComeBack() throws Exception {
    engine.networks().create(NET);
    try (Peer host = onHostWithIpv6()) {
      assertThat(host.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      try (DatagramChannel server = inside(host, NameClient::datagrams);
          DatagramChannel inside =
              NameClient.inside(engine.containers().get("cc"), NameClient::datagrams)) {
        server.bind(new InetSocketAddress(ADDRESS, 0));
        Thread echo = new Thread(() -> echo(server), "echo");
        echo.setDaemon(true);
        echo.start();
        inside.connect(server.getLocalAddress()); // takes answers from there only
        inside.socket().setSoTimeout(30_000);
        inside.write(StandardCharsets.UTF_8.encode("question"));
        DatagramPacket got = new DatagramPacket(new byte[100], 100);
        inside.socket().receive(got);
        assertThat(new String(got.getData(), 0, got.getLength(), StandardCharsets.UTF_8))
            .isEqualTo("question");
      }
      host.ask("remove", "cc");
    }
  }

  private static void echo(DatagramChannel server) {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    try {
      while (true) {
        var from = server.receive(bytes.clear());
        server.send(bytes.flip(), from);
      }
    } catch (ClosedChannelException closed) {
      assertThat(closed).isNotNull(); // the test is over
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whoever tries IPv6 first goes on with IPv4 without waiting. */
  @Test
  void hostWithoutIpv6_isUnreachableAtOnce() {
    engine.networks().create(NET);
    try (Peer host = onHost("ip address add 192.0.2.5/24 dev up0")) {
      assertThat(host.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      assertThat(ask(host, ADDRESS, 80)).contains(UNREACHABLE);
      assertThat(host.ask("exec", "cc", "busybox ping -6 -c 1 cc >/dev/null && echo reached"))
          .isEqualTo("reached");
      host.ask("remove", "cc");
    }
  }

  @Test
  void internalNetwork_isUnreachableAtOnce_orClosedToRoutesOfItsOwn() throws Exception {
    engine.networks().create(NET.asInternal());
    try (Peer host = onHostWithIpv6()) {
      assertThat(host.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      assertThat(ask(host, ADDRESS, 80)).contains(UNREACHABLE);
      try (ServerSocket server = server(host, ADDRESS)) {
        String network =
            "--net=/proc/"
                + engine.containers().get("cc").inspect().pid().orElseThrow()
                + "/ns/net";
        Process route =
            new ProcessBuilder(
                    "nsenter", network, "ip", "-6", "route", "add", "default", "via", GATEWAY)
                .inheritIO()
                .start();
        assertThat(route.waitFor()).isZero();
        assertThat(ask(host, ADDRESS, server.getLocalPort())).doesNotContain("heard");
      }
      host.ask("remove", "cc");
    }
  }
}

package dev.pinnace.linux.net.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.InternetSocket;
import dev.pinnace.linux.net.NetworkNamespace;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What goes out of the router. An address of this host is given to the router as well, so that what
 * is sent to it arrives there, as a rule of the firewall's has it arrive for every address.
 */
class RelayOutboundTest extends RelayFixture {
  private static final InetAddress ANY = ip("0.0.0.0");

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

  private ServerSocketChannel host(InetAddress address) throws IOException {
    return keep(ServerSocketChannel.open()).bind(new InetSocketAddress(address, 0));
  }

  private Publication outbound(int port, Optional<InetAddress> gateway) {
    InetSocketAddress all = new InetSocketAddress(ANY, port);
    try (Fd inRouter = NetworkNamespace.in(router, () -> InternetSocket.listen(all))) {
      return client.outbound(inRouter, gateway, owner);
    }
  }

  private SocketChannel dialInside(InetAddress host, int port) throws IOException {
    SocketChannel channel = inContainer();
    channel.connect(new InetSocketAddress(host, port));
    return channel;
  }

  private static void assertCarries(SocketChannel from, SocketChannel to) throws IOException {
    from.write(ByteBuffer.wrap(new byte[] {7}));
    ByteBuffer got = ByteBuffer.allocate(1);
    assertThat(to.read(got)).isEqualTo(1);
    assertThat(got.get(0)).isEqualTo((byte) 7);
  }

  private static void assertReset(SocketChannel channel) {
    assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void connection_isDialledFromTheHost() throws IOException {
    InetAddress outside = outside();
    addToRouter(outside);
    ServerSocketChannel server = host(outside);
    Publication publication = outbound(port(server), Optional.empty());
    SocketChannel inside = dialInside(outside, port(server));
    SocketChannel served = keep(server.accept());
    assertCarries(inside, served);
    assertCarries(served, inside);
    client.unpublish(publication);
    assertReset(inside);
    assertReset(served);
  }

  @Test
  void destination_thatRefuses_isAReset() throws IOException {
    InetAddress outside = outside();
    addToRouter(outside);
    ServerSocketChannel server = host(outside);
    outbound(port(server), Optional.empty());
    server.close();
    assertReset(dialInside(outside, port(server)));
    eventually(() -> client.state().refused() == 1);
  }

  @Test
  void gateway_isTheHostsLoopback_onlyIfItIsNamed() throws IOException {
    ServerSocketChannel server = host(HERE);
    Publication named = outbound(port(server), Optional.of(GATEWAY));
    SocketChannel inside = dialInside(GATEWAY, port(server));
    assertCarries(inside, keep(server.accept()));
    client.unpublish(named);
    outbound(port(server), Optional.empty());
    assertReset(dialInside(GATEWAY, port(server)));
  }

  @Test
  void loopbackAndLinkLocal_areNeverDialled() throws IOException {
    ServerSocketChannel server = host(HERE);
    InetAddress metadata = ip("169.254.169.254");
    addToRouter(metadata);
    outbound(port(server), Optional.of(GATEWAY));
    assertReset(dialInside(metadata, port(server)));
    SocketChannel inRouter = keep(NetworkNamespace.in(router, () -> unconnected()));
    inRouter.connect(new InetSocketAddress(HERE, port(server)));
    assertReset(inRouter);
    assertThat(client.state().refused()).isEqualTo(2);
    assertThat(client.state().accepted()).isZero();
  }

  private static SocketChannel unconnected() {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String read(DatagramChannel from) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    from.read(buffer);
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void datagrams_goOut_andAnswersComeFromWhereTheyWent() throws IOException {
    InetAddress outside = outside();
    addToRouter(outside);
    DatagramChannel server = keep(datagrams(StandardProtocolFamily.INET));
    server.bind(new InetSocketAddress(outside, 0));
    InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
    outboundDatagrams(address.getPort(), Optional.empty());
    DatagramChannel first = datagramsInContainer(CONTAINER);
    DatagramChannel second = datagramsInContainer(SECOND);
    first.connect(address); // takes answers from there only
    second.connect(address);
    for (int i = 0; i < 3; i++) {
      for (DatagramChannel inside : new DatagramChannel[] {first, second}) {
        inside.write(bytes("question " + i));
        ByteBuffer got = ByteBuffer.allocate(100);
        var sender = server.receive(got);
        assertThat(StandardCharsets.UTF_8.decode(got.flip()).toString()).isEqualTo("question " + i);
        server.send(bytes("answer " + i), sender);
        assertThat(read(inside)).isEqualTo("answer " + i);
      }
    }
    assertThat(client.state().datagrams()).isEqualTo(2);
  }

  @Test
  void datagrams_toTheGateway_areForTheHost_andOthersOfItsLoopbackAreDropped() throws IOException {
    DatagramChannel server = keep(datagrams(StandardProtocolFamily.INET));
    server.bind(new InetSocketAddress(HERE, 0));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    Publication named = outboundDatagrams(port, Optional.of(GATEWAY));
    DatagramChannel inside = datagramsInContainer(CONTAINER);
    inside.connect(new InetSocketAddress(GATEWAY, port));
    inside.write(bytes("to the host"));
    ByteBuffer got = ByteBuffer.allocate(100);
    var sender = server.receive(got);
    server.send(bytes("heard"), sender);
    assertThat(read(inside)).isEqualTo("heard");
    client.unpublish(named);
    outboundDatagrams(port, Optional.of(SECOND));
    long before = client.state().dropped();
    DatagramChannel inRouter =
        keep(NetworkNamespace.in(router, () -> datagrams(StandardProtocolFamily.INET)));
    inRouter.connect(new InetSocketAddress(HERE, port));
    inRouter.write(bytes("nobody hears this"));
    eventually(() -> client.state().dropped() > before);
    assertThat(client.state().datagrams()).isZero();
  }

  private Publication outboundDatagrams(int port, Optional<InetAddress> gateway) {
    InetSocketAddress all = new InetSocketAddress(ANY, port);
    try (Fd inRouter = NetworkNamespace.in(router, () -> InternetSocket.bind(all))) {
      return client.outbound(inRouter, gateway, owner);
    }
  }
}

package dev.pinnace.linux.net.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.InternetSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Published UDP ports. */
class RelayDatagramTest extends RelayFixture {
  private final ByteBuffer buffer = ByteBuffer.allocate(65_536);
  private int port;
  private Publication publication = new Publication(0);

  private void publish(DatagramChannel target) throws IOException {
    InetSocketAddress to = (InetSocketAddress) target.getLocalAddress();
    try (Fd host = InternetSocket.bind(new InetSocketAddress(HERE, 0))) {
      publication = client.publish(host, at(to.getAddress(), to.getPort()), owner);
      port = InternetSocket.port(host);
    }
  }

  private DatagramChannel sender() throws IOException {
    DatagramChannel sender = keep(datagrams(StandardProtocolFamily.INET));
    sender.connect(new InetSocketAddress(HERE, port));
    return sender;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private String read(DatagramChannel from) throws IOException {
    from.read(buffer.clear());
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  /** Answers one datagram with itself; who has sent it. */
  private SocketAddress echo(DatagramChannel target) throws IOException {
    SocketAddress sender = target.receive(buffer.clear());
    target.send(buffer.flip(), sender);
    return sender;
  }

  @Test
  void echo_ofSeveralClients_goesToEachItsOwn() throws IOException {
    DatagramChannel target = datagramsInContainer(CONTAINER);
    publish(target);
    List<DatagramChannel> clients = new ArrayList<>();
    Set<SocketAddress> senders = new HashSet<>();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 20; i++) {
        if (round == 0) {
          clients.add(sender());
        }
        clients.get(i).write(bytes(round + " of " + i));
        senders.add(echo(target));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(read(clients.get(i))).isEqualTo(round + " of " + i);
      }
    }
    assertThat(senders).as("each has a socket of its own, and keeps it").hasSize(20);
    RelayState state = client.state();
    assertThat(List.of(state.flows(), state.datagrams())).containsExactly(20, 20);
    assertThat(state.bytesFromNear()).isEqualTo(state.bytesFromFar());
    assertThat(state.dropped()).isZero();
  }

  @Test
  void datagrams_emptyAndLargest_arriveWhole() throws IOException {
    DatagramChannel target = datagramsInContainer(CONTAINER);
    publish(target);
    DatagramChannel sender = keep(datagrams(StandardProtocolFamily.INET));
    SocketAddress published = new InetSocketAddress(HERE, port);
    for (int size : new int[] {0, 1, 1400, 9000, 65_507}) {
      sender.send(ByteBuffer.allocate(size), published); // unconnected: else nothing is sent for 0
      echo(target);
      assertThat(sender.receive(buffer.clear())).isEqualTo(published);
      assertThat(buffer.position()).isEqualTo(size);
    }
  }

  @Test
  void target_thatIsNotThere_losesDatagramsOnly() throws IOException {
    DatagramChannel target = datagramsInContainer(CONTAINER);
    publish(target);
    InetSocketAddress address = (InetSocketAddress) target.getLocalAddress();
    target.close();
    DatagramChannel sender = sender();
    for (int i = 0; i < 10; i++) {
      sender.write(bytes("lost"));
      client.state();
    }
    DatagramChannel again = datagramsInContainer(address.getAddress(), address.getPort());
    again.configureBlocking(false);
    eventually(
        () -> {
          try {
            sender.write(bytes("found"));
            return again.receive(buffer.clear()) != null;
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void retarget_leadsEarlierSendersToTheNewOne() throws IOException {
    DatagramChannel first = datagramsInContainer(CONTAINER);
    DatagramChannel second = datagramsInContainer(SECOND);
    publish(first);
    DatagramChannel sender = sender();
    sender.write(bytes("1"));
    echo(first);
    assertThat(read(sender)).isEqualTo("1");
    InetSocketAddress to = (InetSocketAddress) second.getLocalAddress();
    client.retarget(publication, at(to.getAddress(), to.getPort()), false);
    sender.write(bytes("2"));
    echo(second);
    assertThat(read(sender)).isEqualTo("2");
    client.retarget(publication, java.util.Optional.empty(), false);
    sender.write(bytes("3"));
    eventually(() -> client.state().dropped() == 1);
    assertThat(client.state().flows()).isZero();
  }

  @Test
  void senders_beyondTheLimit_areDroppedAndCounted_andConnectionsAreNot() throws Exception {
    DatagramChannel target = datagramsInContainer(CONTAINER);
    publish(target);
    int most = client.state().mostFlows() / 2;
    for (int i = 0; i < most + 10; i++) {
      sender().write(bytes("x")); // it stays open, or a later one might get its port
      if (i % 100 == 0) {
        client.state(); // its turn comes after those before: nothing is lost on the way in
      }
    }
    eventually(() -> client.state().dropped() == 10);
    assertThat(client.state().datagrams()).isEqualTo(most);
    var server = server(CONTAINER);
    dial(publish(server));
    keep(server.accept());
    client.unpublish(publication);
    assertThat(client.state().flows()).isEqualTo(1);
  }

  /**
   * Half a minute long, for so long a flow lives that nobody has answered; an answered one longer.
   */
  @Test
  void flow_thatNobodyAnswers_endsByItself() throws IOException {
    DatagramChannel target = datagramsInContainer(CONTAINER);
    publish(target);
    sender().write(bytes("unanswered"));
    target.receive(buffer.clear());
    DatagramChannel answered = sender();
    answered.write(bytes("answered"));
    SocketAddress before = echo(target);
    eventually(() -> client.state().datagrams() == 1);
    answered.write(bytes("again"));
    assertThat(echo(target)).as("the same flow").isEqualTo(before);
  }
}

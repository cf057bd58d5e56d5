package dev.pinnace.internal.isolation.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ListeningPortsTest {
  private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private static final int SELF = (int) ProcessHandle.current().pid();

  private static void assertListens(InetAddress address) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, address)) {
      port = socket.getLocalPort();
      assertThat(ListeningPorts.of(SELF)).contains(port);
    }
    assertThat(ListeningPorts.of(SELF)).doesNotContain(port);
  }

  @Test
  void of_bothFamilies_untilTheyAreClosed() throws IOException {
    assertListens(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    assertListens(InetAddress.getByAddress(IPV6_LOOPBACK));
    assertListens(new InetSocketAddress(0).getAddress());
  }

  /** The other end of a connection has a port too. */
  @Test
  void of_whatIsConnected_isNoneThatIsListenedOn() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(socket.getInetAddress(), socket.getLocalPort())) {
      assertThat(ListeningPorts.of(SELF)).doesNotContain(client.getLocalPort());
    }
  }

  @Test
  void of_whoeverHasEnded_isNothing() {
    assertThat(ListeningPorts.of(Integer.MAX_VALUE)).isEmpty();
  }
}

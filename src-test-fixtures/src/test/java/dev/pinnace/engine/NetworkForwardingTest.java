package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Names that are not of a network: as a host resolves them that has another resolv.conf. */
class NetworkForwardingTest extends NetworkFixture {
  private static final int PORT = 53;

  /** Of this JVM: another one may test at the same time. */
  private static final String SERVER = address(77);

  private static final String NOBODY = address(76);

  private static String address(int block) {
    long self = ProcessHandle.current().pid();
    return "127." + block + "." + self / 250 % 250 + "." + (1 + self % 250);
  }

  @Test
  void otherNames_areAskedOfTheHostsServers_whichMayChange(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("resolv.conf");
    Files.writeString(file, "nameserver " + NOBODY + "\nnameserver " + SERVER + "\n");
    engine.networks().create("net");
    CompletableFuture<Boolean> ended;
    try (DatagramSocket socket = new DatagramSocket(PORT, InetAddress.getByName(SERVER));
        Peer peer = withResolver(file)) {
      ended = CompletableFuture.supplyAsync(() -> serve(socket));
      assertThat(peer.ask("start", "cc", "bound,network", "busybox sleep 1000")).hasSize(64);
      Container asker = engine.containers().get("cc");
      assertThat(NameClient.own(asker, "cc")).isTrue();
      for (String name : new String[] {"www.example.test", "single"}) {
        assertThat(NameClient.ask(asker, name, Type.A)).isEqualTo("NOERROR 198.51.100.7");
      }
      assertThat(shell(asker, "busybox nslookup -type=a www.example.test"))
          .contains("Address: 198.51.100.7");
      Files.writeString(file, "# none\n");
      assertThat(NameClient.ask(asker, "www.example.test", Type.A)).isEqualTo("SERVFAIL");
      assertThat(NameClient.own(asker, "cc")).isTrue();
    }
    assertThat(ended.join()).isTrue();
  }

  @Test
  void onTheDefaultBridge_everyNameIsTheHosts(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("resolv.conf");
    Files.writeString(file, "nameserver " + SERVER + "\n");
    CompletableFuture<Boolean> ended;
    try (DatagramSocket socket = new DatagramSocket(PORT, InetAddress.getByName(SERVER));
        Peer peer = withResolver(file)) {
      ended = CompletableFuture.supplyAsync(() -> serve(socket));
      assertThat(peer.ask("start", "cc", "bound,bridge", "busybox sleep 1000")).hasSize(64);
      Container asker = engine.containers().get("cc");
      assertThat(shell(asker, "busybox cat /etc/resolv.conf"))
          .isEqualTo("nameserver " + state("bridge").gateway());
      for (String name : new String[] {"www.example.test", "cc"}) {
        assertThat(NameClient.ask(asker, name, Type.A)).isEqualTo("NOERROR 198.51.100.7");
      }
      assertThat(shell(asker, "busybox nslookup -type=a www.example.test"))
          .contains("Address: 198.51.100.7");
    }
    assertThat(ended.join()).isTrue();
  }

  /** A JVM to which that file is the host's. */
  private static Peer withResolver(Path file) {
    return Peer.start(
        root(),
        runDirectory(),
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
        file.toString());
  }

  private static boolean serve(DatagramSocket socket) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        Message answer = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        answer.getHeader().setFlag(Flags.QR);
        answer.addRecord(
            new ARecord(
                answer.getQuestion().getName(),
                DClass.IN,
                60,
                InetAddress.getByAddress(new byte[] {(byte) 198, 51, 100, 7})),
            Section.ANSWER);
        byte[] wire = answer.toWire();
        socket.send(new DatagramPacket(wire, wire.length, packet.getSocketAddress()));
      }
    } catch (SocketException closed) {
      return true;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}

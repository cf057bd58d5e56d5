package dev.pinnace.engine;

import dev.pinnace.Container;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.HostPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Containers that answer at ports, and who asks them from the host. */
abstract class PortFixture extends NetworkFixture {
  private static final int PATIENCE = 10_000;

  /** One of network "net" that answers each connection to port 8080 with a word. */
  static ContainerSpecBuilder serving(String name, String word) {
    return shell("exec busybox nc -ll -p 8080 -e echo " + word).name(name).network("net");
  }

  /** What is read of a connection; empty where there is none, or it is reset. */
  static String answer(HostPort port) {
    try (Socket socket = new Socket()) {
      socket.connect(port.socketAddress(), PATIENCE);
      socket.setSoTimeout(PATIENCE);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException refused) {
      return "";
    }
  }

  /** Whether somebody listens, be it one who resets what he has accepted. */
  static boolean answers(HostPort port) {
    try (Socket socket = new Socket()) {
      socket.connect(port.socketAddress(), PATIENCE);
      return true;
    } catch (ConnectException refused) {
      return false;
    } catch (SocketException reset) {
      return true; // so soon that the JDK takes it for the connection's own failure
    } catch (IOException silent) {
      return false;
    }
  }

  /** What comes back; empty for nothing. */
  static String datagram(HostPort port, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(500);
      socket.connect(port.socketAddress());
      socket.send(new DatagramPacket(bytes, bytes.length));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (SocketTimeoutException nothing) {
      return "";
    } catch (IOException refused) {
      return "";
    }
  }

  /** Whoever sends a datagram to that port of a container gets it back. */
  static DatagramChannel echo(Container container, int port) throws IOException {
    DatagramChannel channel = datagrams(container);
    channel.bind(new InetSocketAddress(port));
    Thread thread =
        new Thread(
            () -> {
              ByteBuffer bytes = ByteBuffer.allocate(100);
              try {
                while (true) {
                  SocketAddress from = channel.receive(bytes.clear());
                  channel.send(bytes.flip(), from);
                }
              } catch (IOException closed) {
                Thread.currentThread().interrupt(); // the test is over
              }
            });
    thread.setDaemon(true);
    thread.start();
    return channel;
  }

  /** A socket for UDP in a container's network. */
  static DatagramChannel datagrams(Container container) throws IOException {
    Path namespace = Path.of("/proc/" + container.inspect().pid().orElseThrow() + "/ns/net");
    try (Fd open = Inode.openForReading(namespace)) {
      return NetworkNamespace.in(open, PortFixture::datagrams);
    }
  }

  private static DatagramChannel datagrams() {
    try {
      return DatagramChannel.open(StandardProtocolFamily.INET);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that nobody has now, and that nobody gets who does not ask for it by its number. */
  static int freePort() {
    return freeRow(1);
  }

  /** The first of two of these. */
  static int freePair() {
    return freeRow(2);
  }

  private static int freeRow(int length) {
    while (true) {
      int first = ThreadLocalRandom.current().nextInt(10_000, firstRandom() - length);
      if (IntStream.range(first, first + length).allMatch(PortFixture::isFreeEverywhere)) {
        return first;
      }
    }
  }

  /** The kernel gives out those from this one on. */
  private static int firstRandom() {
    Path file = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    // The kernel answers the first read only, which is of one byte with Files.readString.
    try (BufferedReader range = Files.newBufferedReader(file)) {
      return Integer.parseInt(range.readLine().split("\\s+", 2)[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isFreeEverywhere(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  /** Whether one could listen there. */
  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}

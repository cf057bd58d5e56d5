package dev.pinnace.linux.net.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.InternetSocket;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import dev.pinnace.linux.net.route.Addresses;
import dev.pinnace.linux.net.route.InterfaceAddress;
import dev.pinnace.linux.net.route.Links;
import dev.pinnace.linux.net.route.Route;
import dev.pinnace.linux.net.route.Routes;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A router with a bridge, a container with an address on it, and the router's relay. */
abstract class RelayFixture {
  static final InetAddress GATEWAY = ip("10.89.0.1");
  static final InetAddress CONTAINER = ip("10.89.0.2");
  static final InetAddress SECOND = ip("10.89.0.3");
  static final InetAddress SIXTH = ip("fd00:89::2");
  static final InetAddress HERE = ip("127.0.0.1");

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  @TempDir Path directory;
  Launcher launcher;
  Fd router;
  Fd container;
  Relay relay;
  RelayClient client;
  Process ownerProcess;
  Pidfd owner;

  <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  @BeforeEach
  void begin() throws IOException {
    assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "needs root");
    launcher = keep(Launcher.load());
    router = keep(NetworkNamespace.create());
    container = keep(NetworkNamespace.create());
    wire();
    relay = keep(Relay.start(launcher, given("relay", Optional.of(router), Optional.empty())));
    client = relay.client();
    ownerProcess = new ProcessBuilder("sleep", "600").start();
    owner = keep(Pidfd.open((int) ownerProcess.pid()));
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    if (ownerProcess != null) {
      ownerProcess.destroyForcibly();
    }
  }

  String path() {
    return directory.resolve("relay").toString();
  }

  Relay.Given given(String door, Optional<Fd> network, Optional<Fd> user) {
    UnixSocket listening = UnixSocket.listen(directory.resolve(door).toString());
    return new Relay.Given(listening, network, user, Optional.empty());
  }

  private void wire() {
    try (NetlinkSocket outer = NetlinkSocket.open(NetlinkSocket.ROUTE, router);
        NetlinkSocket inner = NetlinkSocket.open(NetlinkSocket.ROUTE, container)) {
      Links outside = new Links(outer);
      outside.addBridge("br0");
      outside.addVeth("veth0", "eth0", container);
      int bridge = index(outside, "br0");
      outside.setMaster(index(outside, "veth0"), bridge);
      new Addresses(outer).add(new InterfaceAddress(bridge, GATEWAY, 24));
      new Addresses(outer).add(new InterfaceAddress(bridge, ip("fd00:89::1"), 64));
      outside.up(bridge);
      outside.up(index(outside, "veth0"));
      outside.up(index(outside, "lo"));
      Links inside = new Links(inner);
      int eth0 = index(inside, "eth0");
      new Addresses(inner).add(new InterfaceAddress(eth0, CONTAINER, 24));
      new Addresses(inner).add(new InterfaceAddress(eth0, SECOND, 24));
      new Addresses(inner).add(new InterfaceAddress(eth0, SIXTH, 64));
      inside.up(eth0);
      new Routes(inner).add(Route.byDefault(GATEWAY));
    }
  }

  /** Gives the router another address, so that what is sent there arrives there. */
  void addToRouter(InetAddress address) {
    try (NetlinkSocket outer = NetlinkSocket.open(NetlinkSocket.ROUTE, router)) {
      int lo = index(new Links(outer), "lo");
      new Addresses(outer).add(new InterfaceAddress(lo, address, 32));
    }
  }

  private static int index(Links links, String name) {
    return links.find(name).orElseThrow().index();
  }

  static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<InetSocketAddress> at(InetAddress host, int port) {
    return Optional.of(new InetSocketAddress(host, port));
  }

  /** A server in the container. */
  ServerSocketChannel server(InetAddress host) throws IOException {
    ServerSocketChannel server = keep(NetworkNamespace.in(container, RelayFixture::openServer));
    bindInTime(() -> server.bind(new InetSocketAddress(host, 0), 4096));
    return server;
  }

  interface Binding {
    Object bind() throws IOException;
  }

  /** An IPv6 address can be bound to once the kernel has found out that nobody else has it. */
  private static void bindInTime(Binding binding) {
    eventually(
        () -> {
          try {
            return binding.bind() != null;
          } catch (IOException notYet) {
            return false;
          }
        });
  }

  private static ServerSocketChannel openServer() {
    try {
      return ServerSocketChannel.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client's socket in the container. */
  SocketChannel inContainer() {
    return keep(
        NetworkNamespace.in(
            container,
            () -> {
              try {
                return SocketChannel.open();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  DatagramChannel datagramsInContainer(InetAddress host) throws IOException {
    return datagramsInContainer(host, 0);
  }

  DatagramChannel datagramsInContainer(InetAddress host, int port) throws IOException {
    DatagramChannel channel =
        keep(NetworkNamespace.in(container, () -> datagrams(StandardProtocolFamily.INET)));
    return channel.bind(new InetSocketAddress(host, port));
  }

  static DatagramChannel datagrams(StandardProtocolFamily family) {
    try {
      return DatagramChannel.open(family);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int port(ServerSocketChannel server) {
    return server.socket().getLocalPort();
  }

  /** A port of the host's that leads to the server, until the test ends. */
  int publish(ServerSocketChannel server) {
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      client.publish(host, at(server.socket().getInetAddress(), port(server)), owner);
      return InternetSocket.port(host);
    }
  }

  SocketChannel dial(int port) throws IOException {
    return keep(SocketChannel.open(new InetSocketAddress(HERE, port)));
  }

  static void eventually(BooleanSupplier condition) {
    for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; ) {
      if (condition.getAsBoolean()) {
        return;
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail("interrupted");
      }
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}

package dev.pinnace.internal.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import java.util.stream.Stream;

/** By which address of IPv4 the containers of networks reach this host. */
public final class HostAddress {
  /** Of a network for documentation, RFC 5737: nothing is sent to it. */
  private static final InetSocketAddress ELSEWHERE =
      new InetSocketAddress(Wiring.inet(0xC000_0201L), 9);

  private HostAddress() {}

  /** Where its default route begins, or else another one; empty if it has loopbacks only. */
  public static Optional<InetAddress> find() {
    return ofDefaultRoute().or(HostAddress::another);
  }

  private static Optional<InetAddress> ofDefaultRoute() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ELSEWHERE);
      return Optional.of(socket.getLocalAddress()).filter(HostAddress::isDialled);
    } catch (IOException | UncheckedIOException unreachable) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> another() {
    try (Stream<NetworkInterface> all = NetworkInterface.networkInterfaces()) {
      return all.flatMap(NetworkInterface::inetAddresses)
          .filter(HostAddress::isDialled)
          .findFirst();
    } catch (SocketException none) {
      return Optional.empty();
    }
  }

  /** By the relay. */
  private static boolean isDialled(InetAddress address) {
    return address instanceof Inet4Address
        && !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isLinkLocalAddress();
  }
}

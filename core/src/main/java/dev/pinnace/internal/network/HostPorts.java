package dev.pinnace.internal.network;

import com.google.common.net.InetAddresses;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.InternetSocket;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.PortMapping;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sockets of the host's that are to be published. Who may have a port is settled by binding it,
 * with this JVM's rights.
 */
public final class HostPorts {
  private static final List<String> EVERYWHERE = List.of("0.0.0.0", "::");

  /** A port that is free at one address may be taken at the other. */
  private static final int ATTEMPTS = 32;

  private HostPorts() {}

  /**
   * A socket that listens, or for datagrams is bound.
   *
   * @param binding where
   * @param socket closed with it
   */
  public record Bound(PortBinding binding, Fd socket) implements AutoCloseable {
    @Override
    public void close() {
      socket.close();
    }
  }

  /** Whether a mapping is for one port of the host's, and no other would do. */
  public static boolean isFixed(PortMapping wanted) {
    return wanted.hostPort() != 0 && wanted.hostPort() == wanted.lastHostPort();
  }

  /** Where a mapping is at that port: at each of its addresses. */
  public static List<PortBinding> bindings(PortMapping wanted, int port) {
    return addresses(wanted).stream()
        .map(address -> new PortBinding(address, port, wanted.container()))
        .toList();
  }

  /** Whether nobody can have the two at once. */
  public static boolean collide(PortBinding one, PortBinding other) {
    return one.hostPort() == other.hostPort()
        && one.container().protocol() == other.container().protocol()
        && overlap(one.address(), other.address());
  }

  private static boolean overlap(String one, String other) {
    boolean sixth = one.indexOf(':') >= 0;
    String all = sixth ? "::" : "0.0.0.0";
    return sixth == other.indexOf(':') >= 0
        && (one.equals(other) || one.equals(all) || other.equals(all));
  }

  /**
   * Binds a mapping at any of the ports that would do.
   *
   * @param others what is to be left to others
   * @throws ErrnoException as {@link #open}; EADDRINUSE where none of them is free
   */
  public static List<Bound> openAny(PortMapping wanted, Collection<PortBinding> others) {
    int[] candidates =
        wanted.hostPort() == 0
            ? new int[ATTEMPTS]
            : IntStream.rangeClosed(wanted.hostPort(), wanted.lastHostPort()).toArray();
    ErrnoException last = null;
    for (int port : candidates) {
      if (port != 0 && collide(bindings(wanted, port), others)) {
        continue;
      }
      try {
        List<Bound> bound = open(wanted, port);
        if (port != 0 || !collide(bound.stream().map(Bound::binding).toList(), others)) {
          return bound;
        }
        bound.forEach(Bound::close);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EADDRINUSE)) {
          throw refusal;
        }
        last = refusal;
      }
    }
    throw last == null ? new ErrnoException("bind", Errno.EADDRINUSE, wanted.toString()) : last;
  }

  /** Whether nobody can have one of the first and one of the second at once. */
  public static boolean collide(Collection<PortBinding> some, Collection<PortBinding> others) {
    return some.stream().anyMatch(one -> others.stream().anyMatch(other -> collide(one, other)));
  }

  /**
   * Binds exactly that one again.
   *
   * @throws ErrnoException as {@link #open}
   */
  public static Bound reopen(PortBinding binding) {
    return bind(binding.address(), binding.hostPort(), binding.container());
  }

  /**
   * Binds a mapping at that port, the same at each of its addresses.
   *
   * @param candidate 0 for one that is free at the first of them
   * @throws ErrnoException EADDRINUSE where somebody has the port; EACCES where it is for root;
   *     EADDRNOTAVAIL where the address is not of this host
   */
  public static List<Bound> open(PortMapping wanted, int candidate) {
    List<Bound> bound = new ArrayList<>();
    int port = candidate;
    try {
      for (String address : addresses(wanted)) {
        Bound next = bind(address, port, wanted.container());
        bound.add(next);
        port = next.binding().hostPort();
      }
      return bound;
    } catch (RuntimeException | Error e) {
      bound.forEach(Bound::close);
      throw e;
    }
  }

  private static List<String> addresses(PortMapping wanted) {
    return wanted
        .address()
        .map(List::of)
        .orElseGet(() -> EVERYWHERE.stream().filter(HostPorts::has).toList());
  }

  private static boolean has(String address) {
    return address.indexOf(':') < 0 || SixthSettings.isThere();
  }

  private static Bound bind(String address, int port, ContainerPort to) {
    InetSocketAddress at = new InetSocketAddress(InetAddresses.forString(address), port);
    Fd socket =
        switch (to.protocol()) {
          case TCP -> InternetSocket.listen(at);
          case UDP -> InternetSocket.bind(at);
        };
    try {
      int got = port == 0 ? InternetSocket.port(socket) : port;
      return new Bound(new PortBinding(address, got, to), socket);
    } catch (RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }
}

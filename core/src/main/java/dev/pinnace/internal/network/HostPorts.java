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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sockets of the host's that are to be published. Who may have a port is settled by binding it,
 * with this JVM's rights.
 */
public final class HostPorts {
  private static final List<String> EVERYWHERE = List.of("0.0.0.0", "::");
  private static final Path SIXTH = Path.of("/proc/net/if_inet6");

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

  /**
   * Where a mapping is bound: chosen where there is a choice, and else what it says.
   *
   * @throws ErrnoException EADDRINUSE where nothing of what may be chosen is free
   */
  public static List<PortBinding> choose(PortMapping wanted) {
    if (wanted.hostPort() != 0 && wanted.hostPort() == wanted.lastHostPort()) {
      return addresses(wanted).stream()
          .filter(address -> wanted.address().isPresent() || has(address))
          .map(address -> new PortBinding(address, wanted.hostPort(), wanted.container()))
          .toList();
    }
    List<Bound> bound = open(wanted, List.of());
    bound.forEach(Bound::close);
    return bound.stream().map(Bound::binding).toList();
  }

  /**
   * Binds a mapping.
   *
   * @param chosen where it was bound or chosen before: the same again, or where that is taken and
   *     others would do, another one
   * @throws ErrnoException EADDRINUSE where somebody has the port; EACCES where it is for root;
   *     EADDRNOTAVAIL where the address is not of this host
   */
  public static List<Bound> open(PortMapping wanted, List<PortBinding> chosen) {
    int[] candidates =
        IntStream.concat(
                chosen.stream().mapToInt(PortBinding::hostPort).limit(1),
                wanted.hostPort() == 0
                    ? IntStream.generate(() -> 0).limit(ATTEMPTS)
                    : IntStream.rangeClosed(wanted.hostPort(), wanted.lastHostPort()))
            .toArray();
    ErrnoException last = null;
    for (int port : candidates) {
      try {
        return open(wanted, port);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EADDRINUSE)) {
          throw refusal;
        }
        last = refusal;
      }
    }
    throw last == null ? new ErrnoException("bind", Errno.EADDRINUSE, wanted.toString()) : last;
  }

  /**
   * Binds exactly that one again.
   *
   * @throws ErrnoException as {@link #open}
   */
  public static Bound reopen(PortBinding binding) {
    return bind(binding.address(), binding.hostPort(), binding.container());
  }

  private static List<Bound> open(PortMapping wanted, int candidate) {
    List<Bound> bound = new ArrayList<>();
    int port = candidate;
    try {
      for (String address : addresses(wanted)) {
        if (wanted.address().isEmpty() && !has(address)) {
          continue;
        }
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
    return wanted.address().map(List::of).orElse(EVERYWHERE);
  }

  /** A kernel without IPv6 has no such file. */
  private static boolean has(String address) {
    return address.indexOf(':') < 0 || Files.exists(SIXTH);
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

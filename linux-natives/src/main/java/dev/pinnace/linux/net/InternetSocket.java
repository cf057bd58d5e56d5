package dev.pinnace.linux.net;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Sockets of the Internet protocols (ip(7), ipv6(7)) as descriptors, to be handed to another
 * process. They are made in the network namespace of the calling thread: see {@link
 * NetworkNamespace#in}.
 */
public final class InternetSocket {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int IPPROTO_IP = 0;
  private static final int IP_TRANSPARENT = 19;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int SIN_PORT = 2;
  private static final int SIN_ADDR = 4;
  private static final int SIN_SIZE = 16;
  private static final int SIN6_ADDR = 8;
  private static final int SIN6_SIZE = 28;

  /** The kernel takes less where {@code net.core.somaxconn} is less. */
  private static final int BACKLOG = 4096;

  private InternetSocket() {}

  /**
   * A TCP socket that listens. An IPv6 one takes no IPv4, so that each can be listened to by
   * itself.
   *
   * @param address port 0 is a free one
   * @throws ErrnoException EADDRINUSE where somebody has the port; EACCES where it is for root;
   *     EADDRNOTAVAIL where the address is not of this host
   */
  public static Fd listen(InetSocketAddress address) {
    Fd socket = open(address, SOCK_STREAM, true);
    try {
      Sys.LISTEN.on(socket.toString(), socket.number(), BACKLOG);
      return socket;
    } catch (ErrnoException refusal) {
      socket.close();
      throw refusal;
    }
  }

  /** A UDP socket that is bound, and no other may be bound to the same; as {@link #listen}. */
  public static Fd bind(InetSocketAddress address) {
    return open(address, SOCK_DGRAM, false);
  }

  /**
   * Has a socket take what is for other addresses, where a rule of the firewall hands it that
   * ({@code IP_TRANSPARENT}, which an IPv6 socket has, too).
   *
   * @throws ErrnoException EPERM without CAP_NET_ADMIN or CAP_NET_RAW in its namespace
   */
  public static Fd transparent(Fd socket) {
    set(socket, IPPROTO_IP, IP_TRANSPARENT);
    return socket;
  }

  /** The port that a socket is bound to. */
  public static int port(Fd socket) {
    try (NativeMemory name = NativeMemory.of(SIN6_SIZE);
        NativeMemory size = NativeMemory.of(4)) {
      size.putInt(0, SIN6_SIZE);
      Sys.GETSOCKNAME.on(socket.toString(), socket.number(), name.address(), size.address());
      return Short.toUnsignedInt(Short.reverseBytes(name.getShort(SIN_PORT)));
    }
  }

  private static Fd open(InetSocketAddress address, int type, boolean again) {
    InetAddress host = address.getAddress();
    if (host == null) {
      throw new IllegalArgumentException("an address that is resolved is needed: " + address);
    }
    boolean sixth = host instanceof Inet6Address;
    String what = host.getHostAddress() + " port " + address.getPort();
    int family = sixth ? AF_INET6 : AF_INET;
    Fd socket = new Fd((int) Sys.SOCKET.on(what, family, type | SOCK_CLOEXEC, 0), what);
    try (NativeMemory name = name(address, host, sixth)) {
      if (again) {
        set(socket, SOL_SOCKET, SO_REUSEADDR);
      }
      if (sixth) {
        set(socket, IPPROTO_IPV6, IPV6_V6ONLY);
      }
      Sys.BIND.on(what, socket.number(), name.address(), name.size());
      return socket;
    } catch (ErrnoException refusal) {
      socket.close();
      throw refusal;
    }
  }

  private static NativeMemory name(InetSocketAddress address, InetAddress host, boolean sixth) {
    byte[] bytes = host.getAddress();
    NativeMemory name = NativeMemory.of(sixth ? SIN6_SIZE : SIN_SIZE);
    name.putShort(0, (short) (sixth ? AF_INET6 : AF_INET));
    name.putShort(SIN_PORT, Short.reverseBytes((short) address.getPort()));
    return name.putBytes(sixth ? SIN6_ADDR : SIN_ADDR, bytes, 0, bytes.length);
  }

  private static void set(Fd socket, int level, int option) {
    try (NativeMemory yes = NativeMemory.of(4)) {
      yes.putInt(0, 1);
      Sys.SETSOCKOPT.on(socket.toString(), socket.number(), level, option, yes.address(), 4);
    }
  }
}

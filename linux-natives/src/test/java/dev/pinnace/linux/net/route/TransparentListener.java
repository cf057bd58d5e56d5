package dev.pinnace.linux.net.route;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;

/**
 * A socket that takes connections to any address (IP_TRANSPARENT of ip(7)), which the JDK has not.
 */
final class TransparentListener implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int IPPROTO_IP = 0;
  private static final int IP_TRANSPARENT = 19;
  private static final int PORT = 3129;

  private final Fd fd;

  private TransparentListener(Fd fd) {
    this.fd = fd;
  }

  static TransparentListener open() {
    Fd fd = new Fd((int) Sys.SOCKET.on("AF_INET", AF_INET, SOCK_STREAM, 0), "listener");
    try (NativeMemory one = NativeMemory.of(4);
        NativeMemory address = NativeMemory.of(16)) {
      one.putInt(0, 1);
      address.putShort(0, (short) AF_INET).putShort(2, Short.reverseBytes((short) PORT));
      Sys.SETSOCKOPT.on(
          "IP_TRANSPARENT", fd.number(), IPPROTO_IP, IP_TRANSPARENT, one.address(), 4);
      Sys.BIND.on("any address", fd.number(), address.address(), 16);
      Sys.LISTEN.on("any address", fd.number(), 8);
      return new TransparentListener(fd);
    }
  }

  int port() {
    return PORT;
  }

  @Override
  public void close() {
    fd.close();
  }
}

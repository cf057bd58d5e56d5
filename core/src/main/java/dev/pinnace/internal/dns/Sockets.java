package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/**
 * What a name server is asked by: made where the askers are, used wherever.
 *
 * @param datagrams bound
 * @param streams listening
 */
public record Sockets(DatagramChannel datagrams, ServerSocketChannel streams)
    implements AutoCloseable {
  /** The port of name servers. */
  public static final int PORT = 53;

  private static final int BACKLOG = 128;
  private static final int ROOM = 1 << 20;

  /**
   * Binds them in the network namespace of the calling thread. Who has the port for streams has the
   * address: that for datagrams may be shared with sockets that are bound to one of others', as the
   * relay's are from which answers of servers outside come.
   *
   * @throws BindException if somebody else has the address
   */
  public static Sockets bind(InetSocketAddress address) throws IOException {
    ServerSocketChannel streams = ServerSocketChannel.open(StandardProtocolFamily.INET);
    try {
      streams.bind(address, BACKLOG);
      return new Sockets(datagrams((InetSocketAddress) streams.getLocalAddress()), streams);
    } catch (IOException | RuntimeException e) {
      streams.close();
      throw e;
    }
  }

  private static DatagramChannel datagrams(InetSocketAddress address) throws IOException {
    DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      datagrams.setOption(StandardSocketOptions.SO_RCVBUF, ROOM);
      datagrams.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      return datagrams.bind(address);
    } catch (IOException | RuntimeException e) {
      datagrams.close();
      throw e;
    }
  }

  @Override
  public void close() {
    Attempt.close(datagrams);
    Attempt.close(streams);
  }
}

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
   * Binds them in the network namespace of the calling thread.
   *
   * @throws BindException if somebody else has the address
   */
  public static Sockets bind(InetSocketAddress address) throws IOException {
    DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      datagrams.setOption(StandardSocketOptions.SO_RCVBUF, ROOM);
      datagrams.bind(address);
      ServerSocketChannel streams = ServerSocketChannel.open(StandardProtocolFamily.INET);
      try {
        streams.bind(
            new InetSocketAddress(
                address.getAddress(), ((InetSocketAddress) datagrams.getLocalAddress()).getPort()),
            BACKLOG);
        return new Sockets(datagrams, streams);
      } catch (IOException | RuntimeException e) {
        streams.close();
        throw e;
      }
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

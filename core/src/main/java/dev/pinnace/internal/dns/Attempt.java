package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A question that one server was asked, by a socket of its own: so its port is a random one. */
abstract class Attempt implements Ready {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private final Exchange exchange;
  private final InetSocketAddress server;
  private final SelectableChannel channel;
  private final long begun = System.nanoTime();

  Attempt(Exchange exchange, InetSocketAddress server, SelectableChannel channel) {
    this.exchange = exchange;
    this.server = server;
    this.channel = channel;
  }

  InetSocketAddress server() {
    return server;
  }

  Exchange exchange() {
    return exchange;
  }

  /** How long ago it was asked first, in nanoseconds. */
  long age(long now) {
    return now - begun;
  }

  /** Asks once more, if that is of use. */
  abstract void again(long now) throws IOException;

  @Override
  public void failed(Exception cause) {
    LOG.debug("name server {} does not answer", server, cause);
    exchange.lost(this);
  }

  void close() {
    close(channel);
  }

  static void close(SelectableChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a socket of the name server was closed with an error", e);
    }
  }
}

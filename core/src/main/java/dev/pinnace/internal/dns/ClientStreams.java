package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers' connections, so many and no more; the next ones are closed as they come. */
final class ClientStreams implements Ready {
  private static final Logger LOG = LoggerFactory.getLogger(ClientStreams.class);
  private static final int MOST = 256;
  private static final int MOST_OF_ONE = 64;
  private static final int AT_ONCE = 64;

  private final ServerSocketChannel listening;
  private final Selector selector;
  private final SelectionKey key;
  private final Resolution resolution;
  private final List<ClientStream> open = new ArrayList<>();

  ClientStreams(ServerSocketChannel listening, Selector selector, Resolution resolution)
      throws IOException {
    this.listening = listening;
    this.selector = selector;
    this.resolution = resolution;
    listening.configureBlocking(false);
    this.key = listening.register(selector, SelectionKey.OP_ACCEPT, this);
  }

  @Override
  public void ready() throws IOException {
    for (int i = 0; i < AT_ONCE; i++) {
      SocketChannel channel = listening.accept();
      if (channel == null) {
        return;
      }
      try {
        take(channel);
      } catch (IOException e) {
        LOG.debug("a connection ends before it has begun", e);
        Attempt.close(channel);
      }
    }
  }

  private void take(SocketChannel channel) throws IOException {
    open.removeIf(stream -> !stream.isOpen());
    if (channel.getRemoteAddress() instanceof InetSocketAddress remote) {
      InetAddress source = remote.getAddress();
      if (open.size() < MOST
          && open.stream().filter(one -> one.source().equals(source)).count() < MOST_OF_ONE) {
        open.add(new ClientStream(channel, source, selector, resolution));
        return;
      }
    }
    channel.close();
  }

  /** Without a free descriptor it would be ready for ever: it rests until the next tick. */
  @Override
  public void failed(Exception cause) {
    LOG.debug("no connection of containers is accepted for a moment", cause);
    key.interestOps(0);
  }

  boolean isIdle() {
    return open.isEmpty() && key.interestOps() != 0;
  }

  void tick(long now) {
    key.interestOps(SelectionKey.OP_ACCEPT);
    open.forEach(stream -> stream.tick(now));
    open.removeIf(stream -> !stream.isOpen());
  }

  void close() {
    open.forEach(ClientStream::close);
    Attempt.close(listening);
  }
}

package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A name server. It does its work in {@link #turn}, which one thread calls again and again; {@link
 * #wakeUp} alone is for any thread.
 */
public final class NameServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NameServer.class);
  private static final long TICK_MILLIS = 20;
  private static final long NANOS = 1_000_000;
  private static final int LARGEST = 1 << 16;

  /** Others are to have their turn, too. */
  private static final int AT_ONCE = 64;

  private final DatagramChannel datagrams;
  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST);
  private final Forwarding forwarding;
  private final Resolution resolution;
  private final ClientStreams streams;
  private long ticked = System.nanoTime();

  /**
   * Begins to serve.
   *
   * @param sockets closed with this
   * @param host the servers that questions about others are sent to
   */
  public NameServer(Sockets sockets, Peers peers, Supplier<List<InetAddress>> host)
      throws IOException {
    this(sockets, peers, host, Sockets.PORT);
  }

  NameServer(Sockets sockets, Peers peers, Supplier<List<InetAddress>> host, int port)
      throws IOException {
    datagrams = sockets.datagrams();
    selector = Selector.open();
    try {
      forwarding = new Forwarding(selector, buffer, port);
      resolution = new Resolution(peers, host, forwarding);
      datagrams.configureBlocking(false);
      datagrams.register(selector, SelectionKey.OP_READ, new Datagrams());
      streams = new ClientStreams(sockets.streams(), selector, resolution);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
  }

  /** Makes a {@link #turn} that waits return. */
  public void wakeUp() {
    selector.wakeup();
  }

  /**
   * Answers what there is, after waiting for it so long at most.
   *
   * @return whether there was something
   */
  public boolean turn(long millis) throws IOException {
    long pause = isIdle() ? millis : Math.min(millis, TICK_MILLIS);
    boolean worked = selector.select(this::serve, Math.max(1, pause)) > 0;
    long now = System.nanoTime();
    if (now - ticked >= TICK_MILLIS * NANOS) {
      ticked = now;
      forwarding.tick(now);
      streams.tick(now);
    }
    return worked;
  }

  private void serve(SelectionKey key) {
    Ready ready = (Ready) key.attachment();
    try {
      if (key.isValid()) {
        ready.ready();
      }
    } catch (IOException | RuntimeException e) {
      ready.failed(e);
    }
  }

  private boolean isIdle() {
    return forwarding.isIdle() && streams.isIdle();
  }

  /** Answers what has been asked, for so long at most. */
  public void finish(long millis) throws IOException {
    long end = System.nanoTime() + millis * NANOS;
    while ((turn(1) || !forwarding.isIdle()) && System.nanoTime() - end < 0) {
      LOG.trace("questions are being answered still");
    }
  }

  private final class Datagrams implements Ready {
    @Override
    public void ready() throws IOException {
      for (int i = 0; i < AT_ONCE; i++) {
        buffer.clear();
        SocketAddress from = datagrams.receive(buffer);
        if (!(from instanceof InetSocketAddress source)) {
          return;
        }
        buffer.flip();
        byte[] wire = new byte[buffer.remaining()];
        buffer.get(wire);
        resolution.answer(wire, source.getAddress(), false, answer -> send(answer, source));
      }
    }

    private void send(Optional<byte[]> answer, InetSocketAddress to) {
      try {
        if (answer.isPresent() && datagrams.send(ByteBuffer.wrap(answer.get()), to) == 0) {
          LOG.debug("an answer to {} is dropped, as its network takes no more", to);
        }
      } catch (IOException e) {
        LOG.debug("an answer to {} cannot be sent", to, e);
      }
    }

    @Override
    public void failed(Exception cause) {
      LOG.debug("a question is not answered", cause);
    }
  }

  /** Ends at once; what has not been answered is not. */
  @Override
  public void close() {
    forwarding.close();
    streams.close();
    Attempt.close(datagrams);
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("a selector was closed with an error", e);
    }
  }
}

package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** By a datagram, and more of them while there is no answer. */
final class DatagramAttempt extends Attempt {
  private static final long AGAIN_NANOS = 1_000_000_000L;

  /** What somebody sends who guesses is not read for ever. */
  private static final int AT_ONCE = 16;

  private final DatagramChannel channel;
  private final ByteBuffer buffer;
  private long sent = System.nanoTime();

  private DatagramAttempt(
      Exchange exchange, InetSocketAddress server, DatagramChannel channel, ByteBuffer buffer) {
    super(exchange, server, channel);
    this.channel = channel;
    this.buffer = buffer;
  }

  /**
   * Asks.
   *
   * @param buffer what is received goes through it; all of this thread's may have the same
   */
  static DatagramAttempt begin(
      Exchange exchange, InetSocketAddress server, Selector selector, ByteBuffer buffer)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.configureBlocking(false);
      channel.connect(server);
      DatagramAttempt attempt = new DatagramAttempt(exchange, server, channel, buffer);
      channel.register(selector, SelectionKey.OP_READ, attempt);
      channel.write(ByteBuffer.wrap(exchange.request()));
      return attempt;
    } catch (IOException | RuntimeException e) {
      close(channel);
      throw e;
    }
  }

  @Override
  void again(long now) throws IOException {
    if (now - sent > AGAIN_NANOS) {
      sent = now;
      channel.write(ByteBuffer.wrap(exchange().request()));
    }
  }

  @Override
  public void ready() throws IOException {
    for (int i = 0; i < AT_ONCE && channel.isOpen(); i++) {
      buffer.clear();
      if (channel.read(buffer) <= 0) {
        return;
      }
      buffer.flip();
      byte[] answer = new byte[buffer.remaining()];
      buffer.get(answer);
      if (exchange().isAnsweredBy(answer)) {
        exchange().answered(this, answer);
      }
    }
  }
}

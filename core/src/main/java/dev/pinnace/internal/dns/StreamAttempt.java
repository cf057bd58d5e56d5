package dev.pinnace.internal.dns;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** By a connection (RFC 7766): before each message there is its length. */
final class StreamAttempt extends Attempt {
  private final SocketChannel channel;
  private final SelectionKey key;
  private final ByteBuffer request;
  private final ByteBuffer length = ByteBuffer.allocate(Short.BYTES);
  private ByteBuffer answer = ByteBuffer.allocate(0);

  private StreamAttempt(
      Exchange exchange, InetSocketAddress server, SocketChannel channel, Selector selector)
      throws IOException {
    super(exchange, server, channel);
    byte[] wire = exchange.request();
    this.channel = channel;
    this.request = ByteBuffer.allocate(Short.BYTES + wire.length);
    request.putShort((short) wire.length).put(wire).flip();
    this.key = channel.register(selector, SelectionKey.OP_CONNECT, this);
  }

  static StreamAttempt begin(Exchange exchange, InetSocketAddress server, Selector selector)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      StreamAttempt attempt = new StreamAttempt(exchange, server, channel, selector);
      if (channel.connect(server)) {
        attempt.send();
      }
      return attempt;
    } catch (IOException | RuntimeException e) {
      close(channel);
      throw e;
    }
  }

  /** The kernel does that. */
  @Override
  void again(long now) {}

  @Override
  public void ready() throws IOException {
    if (!channel.isConnected()) {
      if (channel.finishConnect()) {
        send();
      }
    } else if (request.hasRemaining()) {
      send();
    } else {
      receive();
    }
  }

  private void send() throws IOException {
    channel.write(request);
    key.interestOps(request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private void receive() throws IOException {
    if (length.hasRemaining()) {
      fill(length);
      if (length.hasRemaining()) {
        return;
      }
      answer = ByteBuffer.allocate(Short.toUnsignedInt(length.getShort(0)));
    }
    fill(answer);
    if (!answer.hasRemaining()) {
      if (!exchange().isAnsweredBy(answer.array())) {
        throw new IOException("the answer is to another question");
      }
      exchange().answered(this, answer.array());
    }
  }

  private void fill(ByteBuffer buffer) throws IOException {
    if (buffer.hasRemaining() && channel.read(buffer) < 0) {
      throw new EOFException("the connection has ended before the answer");
    }
  }
}

package dev.pinnace.internal.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a container's. Its questions are answered one after the other (RFC 7766, 6.2.1.1
 * allows it to send them all at once), so that it never has more memory than one answer takes.
 */
final class ClientStream implements Ready {
  private static final Logger LOG = LoggerFactory.getLogger(ClientStream.class);

  /** From one answer to the end of the next question, and for taking an answer. */
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final SocketChannel channel;
  private final InetAddress source;
  private final SelectionKey key;
  private final Resolution resolution;
  private final ByteBuffer length = ByteBuffer.allocate(Short.BYTES);
  private ByteBuffer question = ByteBuffer.allocate(0);
  private ByteBuffer answer = ByteBuffer.allocate(0);
  private long since = System.nanoTime();
  private boolean asked;

  ClientStream(SocketChannel channel, InetAddress source, Selector selector, Resolution resolution)
      throws IOException {
    this.channel = channel;
    this.source = source;
    this.resolution = resolution;
    channel.configureBlocking(false);
    this.key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  InetAddress source() {
    return source;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void ready() throws IOException {
    if (answer.hasRemaining()) {
      send();
    } else if (!asked && !receive()) {
      close();
    }
  }

  /** Whether the connection goes on. */
  private boolean receive() throws IOException {
    if (length.hasRemaining()) {
      if (channel.read(length) < 0) {
        return false;
      }
      if (length.hasRemaining()) {
        return true;
      }
      int size = Short.toUnsignedInt(length.getShort(0));
      if (size == 0 || size > Query.LONGEST) {
        LOG.debug("{} announces a question of {} bytes", source, size);
        return false;
      }
      question = ByteBuffer.allocate(size);
    }
    if (channel.read(question) < 0) {
      return false;
    }
    if (!question.hasRemaining()) {
      asked = true;
      key.interestOps(0);
      resolution.answer(question.array(), source, true, this::answered);
    }
    return true;
  }

  private void answered(Optional<byte[]> message) {
    if (!channel.isOpen()) {
      return;
    }
    try {
      if (message.isEmpty()) {
        close();
        return;
      }
      byte[] wire = message.get();
      answer = ByteBuffer.allocate(Short.BYTES + wire.length);
      answer.putShort((short) wire.length).put(wire).flip();
      since = System.nanoTime();
      send();
    } catch (IOException e) {
      failed(e);
    }
  }

  private void send() throws IOException {
    channel.write(answer);
    if (answer.hasRemaining()) {
      key.interestOps(SelectionKey.OP_WRITE);
      return;
    }
    asked = false;
    since = System.nanoTime();
    length.clear();
    key.interestOps(SelectionKey.OP_READ);
  }

  /** Ends it if it has been silent for too long; one that waits for its answer has it in time. */
  void tick(long now) {
    boolean waits = asked && !answer.hasRemaining();
    if (!waits && now - since > PATIENCE_NANOS) {
      LOG.debug("{} is silent: its connection ends", source);
      close();
    }
  }

  @Override
  public void failed(Exception cause) {
    LOG.debug("the connection of {} ends", source, cause);
    close();
  }

  void close() {
    Attempt.close(channel);
  }
}

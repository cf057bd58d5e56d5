package dev.pinnace.benchmarks;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Asks a name server for one name, by a socket in some network namespace. Not thread-safe. */
final class NameLoad implements AutoCloseable {
  private static final int PORT = 53;
  private static final int HEADER = 12;

  /** How many questions are under way at once. */
  private static final int WINDOW = 32;

  private static final int PATIENCE_MILLIS = 5_000;
  private static final int ATTEMPTS = 200;
  private static final int PAUSE_MILLIS = 50;

  private final DatagramChannel channel;
  private final byte[] query;

  private NameLoad(DatagramChannel channel, byte[] query) {
    this.channel = channel;
    this.query = query;
  }

  static NameLoad of(Path namespace, String server, String name) throws IOException {
    DatagramChannel channel;
    try (Fd open = Inode.openForReading(namespace)) {
      channel = NetworkNamespace.in(open, NameLoad::socket);
    }
    channel.connect(new InetSocketAddress(server, PORT));
    channel.socket().setSoTimeout(PATIENCE_MILLIS);
    return new NameLoad(channel, query(name));
  }

  private static DatagramChannel socket() {
    try {
      return DatagramChannel.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** RFC 1035, 4.1: one question, for A of class IN. */
  private static byte[] query(String name) {
    byte[] label = name.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer wire = ByteBuffer.allocate(HEADER + label.length + 6);
    wire.putShort(2, (short) 0x100).putShort(4, (short) 1).position(HEADER);
    wire.put((byte) label.length).put(label).put((byte) 0);
    wire.putShort((short) 1).putShort((short) 1);
    return wire.array();
  }

  /** Waits until somebody answers. */
  void awaitServer() throws IOException, InterruptedException {
    for (int attempt = 0; ; attempt++) {
      try {
        ask(attempt);
        receive();
        return;
      } catch (PortUnreachableException none) {
        if (attempt == ATTEMPTS) {
          throw none;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** How long each of so many answers took, one question after the other. */
  Samples latencies(int count) throws IOException {
    Samples samples = new Samples();
    for (int i = 0; i < count; i++) {
      long begun = System.nanoTime();
      ask(i);
      receive();
      samples.add(System.nanoTime() - begun);
    }
    return samples;
  }

  /** Answers in a second, with several questions under way. */
  double rate(int count) throws IOException {
    long begun = System.nanoTime();
    int asked = 0;
    for (int answered = 0; answered < count; answered++) {
      while (asked < count && asked - answered < WINDOW) {
        ask(asked++);
      }
      receive();
    }
    return count * 1e9 / (System.nanoTime() - begun);
  }

  private void ask(int number) throws IOException {
    ByteBuffer wire = ByteBuffer.wrap(query.clone());
    wire.putShort(0, (short) number);
    channel.write(wire);
  }

  private void receive() throws IOException {
    byte[] answer = new byte[512];
    channel.socket().receive(new DatagramPacket(answer, answer.length));
    if (answer[7] == 0) {
      throw new IllegalStateException("the name server does not know the name");
    }
  }

  /** One line of a table: answers in a second, p50 and p99 of one at a time. */
  String measure(String title, int count) throws IOException {
    double unused = rate(count); // until it is compiled
    double rate = rate(count);
    Samples samples = latencies(count);
    return String.format(
        Locale.ROOT,
        "%-28s %9.0f/s %9.3f ms p50 %9.3f ms p99%n",
        title,
        rate,
        samples.quantile(0.5),
        samples.quantile(0.99));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

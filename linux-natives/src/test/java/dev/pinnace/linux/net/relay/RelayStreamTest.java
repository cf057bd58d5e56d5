package dev.pinnace.linux.net.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.net.InternetSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Published TCP ports: what goes through them. */
class RelayStreamTest extends RelayFixture {
  private static final long GIGABYTE = 1L << 30;
  private static final int PERIOD = 251;

  private static ByteBuffer read(SocketChannel from, int size) throws IOException {
    ByteBuffer got = ByteBuffer.allocate(size);
    while (got.hasRemaining() && from.read(got) >= 0) {
      // until all is there, or the end
    }
    return got.flip();
  }

  private static void write(SocketChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static String text(SocketChannel from, int size) throws IOException {
    return java.nio.charset.StandardCharsets.UTF_8.decode(read(from, size)).toString();
  }

  private static boolean isAtEnd(SocketChannel channel) throws IOException {
    return channel.read(ByteBuffer.allocate(1)) < 0;
  }

  private static void assertReset(SocketChannel channel) {
    assertThatThrownBy(() -> isAtEnd(channel))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void connection_carriesBothWays_andComesFromTheRouter() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    SocketChannel near = dial(publish(server));
    SocketChannel far = keep(server.accept());
    write(near, "to the container");
    assertThat(text(far, 16)).isEqualTo("to the container");
    write(far, "and back");
    assertThat(text(near, 8)).isEqualTo("and back");
    InetSocketAddress peer = (InetSocketAddress) far.getRemoteAddress();
    assertThat(peer.getAddress()).isEqualTo(GATEWAY);
    RelayState state = client.state();
    assertThat(List.of(state.flows(), state.datagrams(), state.listeners()))
        .containsExactly(1, 0, 1);
    assertThat(List.of(state.bytesFromNear(), state.bytesFromFar())).containsExactly(16L, 8L);
    near.close();
    assertThat(isAtEnd(far)).isTrue();
    far.close();
    eventually(() -> client.state().flows() == 0);
  }

  @Test
  void sixthVersion_isCarriedToo() throws IOException {
    ServerSocketChannel server = server(SIXTH);
    SocketChannel near = dial(publish(server));
    SocketChannel far = keep(server.accept());
    write(near, "6");
    assertThat(text(far, 1)).isEqualTo("6");
  }

  @Test
  void halfClose_ofTheClient_leavesTheWayBackOpen() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    SocketChannel near = dial(publish(server));
    write(near, "question");
    near.shutdownOutput();
    SocketChannel far = keep(server.accept());
    assertThat(text(far, 100)).isEqualTo("question");
    write(far, "answer");
    far.close();
    assertThat(text(near, 100)).isEqualTo("answer");
    eventually(() -> client.state().flows() == 0);
  }

  @Test
  void halfClose_ofTheServer_leavesTheWayThereOpen() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    SocketChannel near = dial(publish(server));
    SocketChannel far = keep(server.accept());
    far.shutdownOutput();
    assertThat(isAtEnd(near)).isTrue();
    write(near, "still heard");
    near.close();
    assertThat(text(far, 100)).isEqualTo("still heard");
    eventually(() -> client.state().flows() == 0);
  }

  @Test
  void reset_ofEitherSide_isOneForTheOther() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    SocketChannel near = dial(port);
    SocketChannel far = keep(server.accept());
    near.setOption(StandardSocketOptions.SO_LINGER, 0).close();
    assertReset(far);
    SocketChannel other = dial(port);
    keep(server.accept()).setOption(StandardSocketOptions.SO_LINGER, 0).close();
    assertReset(other);
    eventually(() -> client.state().flows() == 0);
  }

  @Test
  void target_thatRefuses_isAReset_andCounted() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    server.close();
    assertReset(dial(port));
    eventually(() -> client.state().refused() == 1 && client.state().flows() == 0);
  }

  @Test
  void target_thatCannotBeReached_isAReset() throws IOException {
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      client.publish(host, at(ip("203.0.113.1"), 80), owner);
      assertReset(dial(InternetSocket.port(host)));
      assertThat(client.state().refused()).isEqualTo(1);
    }
  }

  @Test
  void twoThousandConnections_atOnce() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    List<SocketChannel> near = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      near.add(dial(port));
      near.get(i).write(ByteBuffer.allocate(4).putInt(0, i));
    }
    SocketChannel[] far = new SocketChannel[2000];
    for (int i = 0; i < 2000; i++) {
      SocketChannel accepted = keep(server.accept());
      far[read(accepted, 4).getInt()] = accepted;
    }
    assertThat(client.state().flows()).isEqualTo(2000);
    for (int i = 0; i < 2000; i++) {
      far[i].write(ByteBuffer.allocate(4).putInt(0, ~i));
    }
    for (int i = 0; i < 2000; i++) {
      assertThat(read(near.get(i), 4).getInt()).isEqualTo(~i);
      near.get(i).close();
      assertThat(isAtEnd(far[i])).isTrue();
      far[i].close();
    }
    eventually(() -> client.state().flows() == 0);
    assertThat(client.state().accepted()).isEqualTo(2000);
  }

  @Test
  void gigabyte_eachWayAtOnce_arrivesByteForByte() throws Exception {
    ServerSocketChannel server = server(CONTAINER);
    SocketChannel near = dial(publish(server));
    SocketChannel far = keep(server.accept());
    List<FutureTask<Long>> tasks =
        List.of(
            task(() -> send(near, GIGABYTE)),
            task(() -> send(far, GIGABYTE)),
            task(() -> receive(far)),
            task(() -> receive(near)));
    for (FutureTask<Long> task : tasks) {
      assertThat(task.get()).isEqualTo(GIGABYTE);
    }
    eventually(() -> client.state().flows() == 0);
    assertThat(client.state().bytesFromNear()).isEqualTo(GIGABYTE);
    assertThat(client.state().bytesFromFar()).isEqualTo(GIGABYTE);
  }

  private static FutureTask<Long> task(java.util.concurrent.Callable<Long> work) {
    FutureTask<Long> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** Byte n is n modulo a prime: what is lost, doubled or out of order is seen. */
  private static byte[] pattern(int size) {
    byte[] pattern = new byte[size];
    for (int i = 0; i < size; i++) {
      pattern[i] = (byte) (i % PERIOD);
    }
    return pattern;
  }

  private static long send(SocketChannel to, long size) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(PERIOD * 1024 + 131_072).put(pattern(PERIOD * 1024 + 131_072));
    long sent = 0;
    while (sent < size) {
      int from = (int) (sent % PERIOD);
      bytes.limit(from + (int) Math.min(131_072, size - sent)).position(from);
      sent += to.write(bytes);
    }
    to.shutdownOutput();
    return sent;
  }

  private static long receive(SocketChannel from) throws IOException {
    ByteBuffer expected = ByteBuffer.wrap(pattern(PERIOD + 131_072));
    ByteBuffer bytes = ByteBuffer.allocateDirect(131_072);
    long received = 0;
    while (from.read(bytes.clear()) >= 0) {
      int at = (int) (received % PERIOD);
      bytes.flip();
      expected.limit(at + bytes.remaining()).position(at);
      if (!bytes.equals(expected)) {
        throw new AssertionError("not what was sent, from byte " + received);
      }
      received += bytes.remaining();
    }
    return received;
  }

  @Test
  void readerThatIsSlow_holdsUpItsOwnConnectionOnly() throws Exception {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    SocketChannel near = dial(port);
    SocketChannel far = keep(server.accept());
    FutureTask<Long> sent = task(() -> send(near, 64 << 20));
    eventually(() -> client.state().bytesFromNear() > 0);
    long before = -1;
    for (long now = 0; now != before; now = client.state().bytesFromNear()) {
      before = now;
      Thread.sleep(300);
    }
    assertThat(sent.isDone()).as("all buffers together hold less").isFalse();
    SocketChannel other = dial(port);
    SocketChannel otherFar = keep(server.accept());
    write(other, "not held up");
    assertThat(text(otherFar, 11)).isEqualTo("not held up");
    write(far, "the way back is free");
    assertThat(text(near, 20)).isEqualTo("the way back is free");
    assertThat(receive(far)).isEqualTo(64 << 20);
    assertThat(sent.get()).isEqualTo(64 << 20);
  }

  @Test
  void serverThatClosesEarly_isStillHeard() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    SocketChannel near = dial(publish(server));
    SocketChannel far = keep(server.accept());
    write(far, "no more");
    far.close();
    assertThat(text(near, 7)).isEqualTo("no more");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                write(near, "x".repeat(10_000));
              }
            })
        .isInstanceOf(IOException.class);
    eventually(() -> client.state().flows() == 0);
  }

  @Test
  void retarget_movesNewConnections_andThePortStays() throws IOException {
    ServerSocketChannel first = server(CONTAINER);
    ServerSocketChannel second = server(SECOND);
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      Publication publication = client.publish(host, at(CONTAINER, port(first)), owner);
      int port = InternetSocket.port(host);
      SocketChannel early = dial(port);
      SocketChannel earlyFar = keep(first.accept());
      client.retarget(publication, at(SECOND, port(second)), false);
      SocketChannel late = dial(port);
      SocketChannel lateFar = keep(second.accept());
      write(late, "2");
      assertThat(text(lateFar, 1)).isEqualTo("2");
      write(early, "1");
      assertThat(text(earlyFar, 1)).isEqualTo("1");
      client.retarget(publication, Optional.empty(), true);
      assertReset(early);
      assertReset(lateFar);
      assertReset(dial(port));
      assertThat(client.state().refused()).isEqualTo(1);
    }
  }

  @Test
  void unpublish_resetsAndFreesThePort() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    Publication publication;
    int port;
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      publication = client.publish(host, at(CONTAINER, port(server)), owner);
      port = InternetSocket.port(host);
      assertThatThrownBy(() -> InternetSocket.listen(new InetSocketAddress(HERE, port)))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE))
          .hasMessageContaining("127.0.0.1 port " + port);
    }
    SocketChannel near = dial(port);
    SocketChannel far = keep(server.accept());
    client.unpublish(publication);
    assertReset(near);
    assertReset(far);
    assertThatThrownBy(() -> dial(port)).hasMessageContaining("refused");
    assertThatThrownBy(() -> client.unpublish(publication)).hasMessageContaining("ESRCH");
    assertThat(client.state().listeners()).isZero();
  }

  @Test
  void endOfTheOwner_endsThePublication() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    SocketChannel near = dial(port);
    keep(server.accept());
    ownerProcess.destroyForcibly();
    assertReset(near);
    eventually(() -> client.state().listeners() == 0 && client.state().flows() == 0);
    assertThatThrownBy(() -> dial(port)).hasMessageContaining("refused");
  }

  /** Its owner has the socket too, and may do with it what it likes. */
  @Test
  void listener_thatStopsListening_isTriedAgain() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      client.publish(host, at(CONTAINER, port(server)), owner);
      int port = InternetSocket.port(host);
      Sys.SHUTDOWN.on("the host's socket", host.number(), 2);
      assertThatThrownBy(() -> dial(port)).hasMessageContaining("refused");
      assertThat(client.state().listeners()).isEqualTo(1);
      Sys.LISTEN.on("the host's socket", host.number(), 64);
      SocketChannel near = dial(InternetSocket.port(host));
      write(near, "again");
      assertThat(text(keep(server.accept()), 5)).isEqualTo("again");
    }
  }
}

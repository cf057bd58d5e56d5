package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges of every kind with a server that does as it is told. */
class TransportTest extends TransportFixture {
  private static void raw(Wire wire, String text) throws IOException {
    wire.raw(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void exchange_sendsWhatTheRequestSays_andNoMore() throws Exception {
    handler = wire -> wire.header("Set-Cookie", "a=b").answer(200);
    transport.exchange(get().with("Range", "bytes=7-")).discard();
    transport.exchange(get()).discard();
    RecordedRequest first = server.requests().get(0);
    assertThat(first.target()).isEqualTo("/x?y=%2F");
    assertThat(first.header("Host")).contains(server.address());
    assertThat(first.header("User-Agent")).contains("pinnace");
    assertThat(first.header("Range")).contains("bytes=7-");
    assertThat(server.requests())
        .allMatch(request -> request.header("Accept-Encoding").isEmpty())
        .allMatch(request -> request.header("Cookie").isEmpty())
        .allMatch(request -> request.header("Upgrade").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT"})
  void exchange_withoutPayload_saysSo(String method) throws Exception {
    transport.exchange(Request.of(method, get().target())).discard();
    assertThat(server.requests().get(0).header("Content-Length")).contains("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\u001b[31mred\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: none\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 xyz OK\r\n\r\n"
      })
  void exchange_badAnswer_isNoRegistry(String answer) {
    handler =
        wire -> {
          raw(wire, answer);
          wire.hangUp();
        };
    assertThatThrownBy(() -> transport.exchange(get()).body().readAllBytes())
        .isInstanceOf(BadAnswerException.class)
        .hasMessageNotContaining("\u001b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"})
  void exchange_hungUp_isTheEnd(String answer) {
    handler =
        wire -> {
          raw(wire, answer);
          wire.hangUp();
        };
    assertThatThrownBy(() -> transport.exchange(get()).body().readAllBytes())
        .isInstanceOf(EOFException.class);
  }

  @Test
  void exchange_chunkThatIsNone_isNoEnd() {
    handler =
        wire -> raw(wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nxyz\r\n");
    assertThatThrownBy(() -> transport.exchange(get()).body().readAllBytes())
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void exchange_nameThatNobodyHas_isSaid() {
    assertThatThrownBy(
            () -> transport.exchange(Request.of("GET", URI.create("http://nobody.invalid/"))))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("no host \"nobody.invalid\"");
  }

  @Test
  void exchange_nobodyAccepts_endsAfterTheConnectTimeout() throws Exception {
    List<Socket> queued = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 2; i++) {
        queued.add(new Socket(full.getInetAddress(), full.getLocalPort()));
      }
      URI there = URI.create("http://127.0.0.1:" + full.getLocalPort() + "/");
      assertThatThrownBy(() -> transport.exchange(Request.of("GET", there)))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("no connection to 127.0.0.1");
    } finally {
      for (Socket socket : queued) {
        socket.close();
      }
    }
  }

  @Test
  void body_brokenOffAtOnce_givesWhatCame() throws Exception {
    handler =
        wire -> {
          raw(wire, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
          wire.hangUp();
        };
    for (int i = 0; i < 200; i++) {
      try (Response response = transport.exchange(get())) {
        assertThat(response.body().readNBytes(2)).containsExactly('a', 'b');
        assertThatThrownBy(() -> response.body().read()).isInstanceOf(EOFException.class);
      }
    }
  }

  @Test
  void body_thatIsEmpty_leavesTheConnection() throws Exception {
    for (int i = 0; i < 50; i++) {
      transport.exchange(get()).close();
      Thread.sleep(5);
    }
    assertThat(server.connections()).isLessThan(3);
  }

  @Test
  void body_readSlowly_doesNotPileUp() throws Exception {
    AtomicLong given = new AtomicLong();
    handler =
        wire ->
            wire.answer(
                200,
                new InputStream() {
                  @Override
                  public int read() {
                    given.incrementAndGet();
                    return 0;
                  }

                  @Override
                  public int read(byte[] into, int from, int length) {
                    given.addAndGet(length);
                    return length;
                  }
                },
                HUGE);
    try (Response response = transport.exchange(get())) {
      assertThat(response.body().readNBytes(1 << 20)).hasSize(1 << 20);
      long before;
      do {
        before = given.get();
        Thread.sleep(300);
      } while (given.get() > before);
      assertThat(before).as("what waits here and in the kernel").isLessThan(32 << 20);
    }
  }

  @Test
  void body_closedByAnotherThread_endsItsRead_andTheConnection() throws Exception {
    handler = wire -> wire.stallAfter(3).answer(200, new byte[9]);
    Response response = transport.exchange(get());
    assertThat(response.body().readNBytes(3)).hasSize(3);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                ended.completeExceptionally(new AssertionError(response.body().read()));
              } catch (IOException e) {
                ended.complete(e);
              }
            });
    reader.start();
    Thread.sleep(200);
    response.close();
    assertThat(ended.get(1, TimeUnit.SECONDS)).hasMessageContaining("closed");
    for (int i = 0; i < 200 && server.connections() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(server.connections()).isZero();
  }

  @Test
  void body_interrupted_keepsTheFlag() throws Exception {
    handler = wire -> wire.stallAfter(3).answer(200, new byte[9]);
    Response response = transport.exchange(get());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void close_endsWhatIsUnderWay_andItsThreads() throws Exception {
    Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
    handler = wire -> wire.stall();
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Transport closing = transport(Duration.ofSeconds(20));
    Thread caller =
        new Thread(
            () -> {
              try {
                closing.exchange(get()).close();
              } catch (IOException e) {
                ended.complete(e);
              }
            });
    caller.start();
    while (server.requests().isEmpty()) {
      Thread.sleep(5);
    }
    closing.close();
    assertThat(ended.get(1, TimeUnit.SECONDS)).hasMessageContaining("the engine is closed");
    caller.join();
    assertEnd(before);
    assertThatThrownBy(() -> closing.exchange(get())).hasMessageContaining("the engine is closed");
  }

  /** The selector's thread ends, on JDK 17, with the garbage collection that finds its client. */
  private static void assertEnd(Set<Thread> before) throws InterruptedException {
    List<Thread> left = threads(before);
    for (int i = 0; i < 100 && !left.isEmpty(); i++) {
      System.gc();
      Thread.sleep(100);
      left = threads(before);
    }
    assertThat(left).isEmpty();
  }

  private static List<Thread> threads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .filter(
            thread ->
                thread.getName().startsWith("pinnace-") || thread.getName().contains("HttpClient"))
        .toList();
  }
}

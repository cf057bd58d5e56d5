package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.Tunnel;
import dev.pinnace.fixtures.registry.Wire;
import dev.pinnace.fixtures.registry.WireServer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges of every kind with a server that does as it is told. */
@Timeout(60)
class TransportTest {
  private static final long HUGE = 1L << 32;

  private volatile WireServer.Handler handler = wire -> wire.answer(200);
  private final WireServer server = new WireServer(wire -> handler.handle(wire), Optional.empty());
  private Transport transport = transport(Duration.ofSeconds(20));

  private static Transport transport(Duration silence) {
    return new Transport(Duration.ofSeconds(1), silence, origin -> ofTheJvm(), Map.of());
  }

  private static SSLContext ofTheJvm() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    transport.close();
    server.close();
  }

  private void silentFor(Duration silence) {
    transport.close();
    transport = transport(silence);
  }

  private Request get() {
    return Request.of("GET", URI.create(server.origin() + "/x?y=%2F"));
  }

  private Request put(Payload payload) {
    return Request.of("PUT", get().target()).carrying(payload, "application/octet-stream");
  }

  /** Zeros without end; what was written of them is counted. */
  private static Payload zeros(AtomicLong written) {
    return new Payload() {
      @Override
      public long length() {
        return HUGE;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        byte[] zeros = new byte[1 << 18];
        for (long sent = 0; sent < HUGE; sent += zeros.length) {
          out.write(zeros);
          written.addAndGet(zeros.length);
        }
      }
    };
  }

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
  void payload_streams_andIsWhole() throws Exception {
    byte[] bytes = new byte[5_000_001];
    new Random(3).nextBytes(bytes);
    CompletableFuture<byte[]> came = new CompletableFuture<>();
    handler =
        wire -> {
          came.complete(wire.body());
          wire.answer(201);
        };
    assertThat(transport.exchange(put(Payload.of(bytes))).status()).isEqualTo(201);
    assertThat(came.get()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 413})
  void payload_refusedBeforeItIsSent_givesTheAnswer(int status) throws Exception {
    AtomicLong written = new AtomicLong();
    handler = wire -> wire.header("Connection", "close").answer(status);
    for (int i = 0; i < 3; i++) {
      try (Response response = transport.exchange(put(zeros(written)))) {
        assertThat(response.status()).isEqualTo(status);
      }
    }
    assertThat(written.get()).isLessThan(HUGE);
  }

  @Test
  void payload_nobodyTakesIt_doesNotPileUp_andEnds() {
    silentFor(Duration.ofMillis(500));
    AtomicLong written = new AtomicLong();
    handler = wire -> wire.stall();
    assertThatThrownBy(() -> transport.exchange(put(zeros(written))))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("it took nothing for 500 ms");
    assertThat(written.get()).isLessThan(32 << 20);
  }

  @Test
  void payload_takenSlowly_isNotCutOff() throws Exception {
    silentFor(Duration.ofSeconds(2));
    byte[] bytes = new byte[12 << 20];
    handler =
        wire -> {
          for (int i = 0; i < 12; i++) {
            try {
              Thread.sleep(250);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            wire.body(1 << 20);
          }
          wire.answer(201);
        };
    assertThat(transport.exchange(put(Payload.of(bytes))).status()).isEqualTo(201);
  }

  @Test
  void payload_interrupted_keepsTheFlag() throws Exception {
    handler = wire -> wire.stall();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                transport.exchange(put(zeros(new AtomicLong())));
              } catch (IOException e) {
                flag.complete(Thread.currentThread().isInterrupted());
              }
            });
    writer.start();
    Thread.sleep(300);
    writer.interrupt();
    assertThat(flag.get(1, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void payload_thatCannotBeRead_endsTheExchange() throws Exception {
    Payload broken =
        new Payload() {
          @Override
          public long length() {
            return HUGE;
          }

          @Override
          public void writeTo(OutputStream out) throws IOException {
            out.write(new byte[1 << 17]);
            throw new IOException("the disk is gone");
          }
        };
    handler = wire -> wire.body();
    assertThatThrownBy(() -> transport.exchange(put(broken))).hasMessage("the disk is gone");
    for (int i = 0; i < 200 && server.connections() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(server.connections()).isZero();
  }

  @Test
  void proxy_ofTheEnvironment_isAsked() throws Exception {
    try (Transport proxied = proxied("HTTP_PROXY")) {
      proxied.exchange(Request.of("GET", URI.create("http://far.example:81/x"))).discard();
      assertThat(server.requests().get(0).target()).isEqualTo("http://far.example:81/x");
      proxied.exchange(get()).discard();
      assertThat(server.requests().get(1).target()).as("on loopback").isEqualTo("/x?y=%2F");
    }
  }

  @Test
  void proxy_withUserAndPassword_isToldThem() throws Exception {
    String proxy = server.origin().replace("//", "//ann:secret@");
    try (Transport proxied =
        new Transport(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            origin -> ofTheJvm(),
            Map.of("HTTP_PROXY", proxy, "HTTPS_PROXY", proxy))) {
      proxied.exchange(Request.of("GET", URI.create("http://far.example/x"))).discard();
      assertThat(server.requests().get(0).header("Proxy-Authorization"))
          .contains("Basic YW5uOnNlY3JldA==");
      proxied.exchange(get()).discard();
      assertThat(server.requests().get(1).header("Proxy-Authorization")).isEmpty();
      Request far = Request.of("GET", URI.create("https://far.example/x"));
      assertThatThrownBy(() -> proxied.exchange(far)).isInstanceOf(UnsupportedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 407})
  void proxy_refusesTheTunnel_isSaid(int status) {
    handler = wire -> wire.answer(status);
    Request request = Request.of("GET", URI.create("https://far.example/x"));
    try (Transport proxied = proxied("HTTPS_PROXY")) {
      assertThatThrownBy(() -> new Retrying(proxied, 0).send(request))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("proxy")
          .hasMessageContaining("tunnel")
          .hasMessageContaining("" + status);
      assertThat(server.requests().get(0).method()).isEqualTo("CONNECT");
    }
  }

  @Test
  void tls_certificateForAnotherName_isDistrusted(@TempDir Path directory) throws Exception {
    SelfSigned certificate = SelfSigned.make(directory);
    SSLContext authority = believing(certificate);
    try (WireServer secure = new WireServer(wire -> wire.answer(200), Optional.of(certificate));
        Tunnel proxy = new Tunnel(secure.address());
        Transport tunnelled =
            new Transport(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                origin -> authority,
                Map.of("HTTPS_PROXY", "http://" + proxy.address()))) {
      tunnelled.exchange(Request.of("GET", URI.create(secure.origin() + "/v2/"))).discard();
      assertThat(proxy.asked()).as("on loopback").isEmpty();
      Request far = Request.of("GET", URI.create("https://far.example/v2/"));
      assertThatThrownBy(() -> new Retrying(tunnelled, 3).send(far))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("not trusted")
          .hasMessageContaining("far.example");
      assertThat(proxy.asked()).containsExactly("CONNECT far.example:443 HTTP/1.1");
    }
  }

  private static SSLContext believing(SelfSigned certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(certificate.pem())) {
      store.setCertificateEntry(
          "it", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private Transport proxied(String variable) {
    return new Transport(
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        origin -> ofTheJvm(),
        Map.of(variable, server.origin(), "NO_PROXY", "near.example"));
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

package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.WireServer;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether an insecure registry is spoken to by TLS, and that a passing trouble does not decide. */
@Timeout(60)
class InsecureRegistryTest {
  private static final byte HANDSHAKE = 22;
  private static SelfSigned certificate;

  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger troubles = new AtomicInteger();
  private final AtomicInteger plain = new AtomicInteger();
  private final AtomicInteger handshakes = new AtomicInteger();

  @BeforeAll
  static void make(@TempDir Path temporary) throws IOException {
    certificate = SelfSigned.make(temporary);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable opened : open) {
      opened.close();
    }
  }

  /** What befalls the first connections that begin with a handshake. */
  private interface Trouble {
    void befall(Socket client) throws Exception;
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  private void silence(Socket client) {
    open.add(client);
  }

  /** A server in front of the registry, which has so many connections befallen by something. */
  private String before(TestRegistry behind, int times, Trouble trouble) throws IOException {
    open.add(behind);
    troubles.set(times);
    ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    open.add(server);
    daemon(
        () -> {
          while (true) {
            Socket client = server.accept();
            daemon(() -> serve(client, behind.address(), trouble));
          }
        });
    return "127.0.0.1:" + server.getLocalPort();
  }

  private void serve(Socket client, String address, Trouble trouble) throws Exception {
    byte[] first = new byte[4096];
    int length = client.getInputStream().read(first);
    boolean isPlain = length > 0 && first[0] != HANDSHAKE;
    (isPlain ? plain : handshakes).incrementAndGet();
    if (!isPlain && troubles.getAndDecrement() > 0) {
      trouble.befall(client);
      return;
    }
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    Socket behind = new Socket(InetAddress.getLoopbackAddress(), port);
    open.add(client);
    open.add(behind);
    behind.getOutputStream().write(first, 0, length);
    daemon(() -> pipe(behind, client));
    pipe(client, behind);
  }

  private static void pipe(Socket from, Socket to) throws IOException {
    try (from;
        to;
        InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception closed) {
                return; // the test has ended, or one side has
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private RegistryClient client(String address, int retries) {
    RegistryClient client =
        new RegistryClient(
            Registries.builder()
                .withoutDockerConfig()
                .insecure(address)
                .connectTimeout(Duration.ofMillis(1500))
                .retries(retries)
                .build(),
            Map.of());
    open.add(0, client);
    return client;
  }

  private static List<String> tags(RegistryClient client, String address) {
    return client.repository(ImageReference.parse(address + "/ann/tool")).tags();
  }

  private static TestRegistry filled(TestRegistry empty) {
    byte[] manifest = "{}".getBytes(StandardCharsets.UTF_8);
    empty.content().putManifest("ann/tool", "1", "application/json", manifest);
    return empty;
  }

  @Test
  void reset_inAHandshake_isTriedAgainByTls() throws IOException {
    String address =
        before(filled(TestRegistry.start(certificate)), 1, InsecureRegistryTest::reset);
    assertThat(tags(client(address, 3), address)).containsExactly("1");
    assertThat(plain).hasValue(0);
  }

  @Test
  void reset_ofTheOnlyAttempt_isAFailureThatIsNotRemembered() throws IOException {
    String address =
        before(filled(TestRegistry.start(certificate)), 1, InsecureRegistryTest::reset);
    RegistryClient client = client(address, 0);
    assertThatThrownBy(() -> tags(client, address))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("https://" + address);
    assertThat(tags(client, address)).containsExactly("1");
  }

  @Test
  void silence_isAFailureThatIsNotRemembered_andNothingIsSaidInPlain() throws IOException {
    String address = before(filled(TestRegistry.start(certificate)), 1, this::silence);
    RegistryClient client = client(address, 0);
    assertThatThrownBy(() -> tags(client, address)).isInstanceOf(RegistryException.class);
    assertThat(plain).hasValue(0);
    assertThat(tags(client, address)).containsExactly("1");
    assertThat(plain).hasValue(0);
  }

  @Test
  void plainAnswer_isPlainHttp_atTheFirstAttempt() throws IOException {
    String address = before(filled(TestRegistry.start()), 0, InsecureRegistryTest::reset);
    assertThat(tags(client(address, 5), address)).containsExactly("1");
    assertThat(handshakes)
        .hasValueLessThan(4); // the JDK may try one connection again, Pinnace none
    assertThat(plain.get()).isPositive();
  }

  /** A server of plain HTTP that hangs up whenever it reads what is no request. */
  @Test
  void everyHandshakeCut_andAPlainAnswer_isPlainHttp() throws IOException {
    String address = before(filled(TestRegistry.start()), Integer.MAX_VALUE, Socket::close);
    assertThat(tags(client(address, 1), address)).containsExactly("1");
  }

  /** Tags of a registry behind a proxy that answers so; what the proxy was asked. */
  private List<String> behindProxy(int tunnel, int plain, Queue<String> asked) {
    WireServer.Handler answer =
        wire -> {
          asked.add(wire.request().method() + " " + wire.request().target());
          if (wire.request().method().equals("CONNECT")) {
            wire.answer(tunnel);
          } else {
            wire.answer(plain, "application/json", "{\"tags\":[\"1\"]}");
          }
        };
    WireServer proxy = new WireServer(answer, Optional.empty());
    open.add(proxy);
    RegistryClient client =
        new RegistryClient(
            Registries.builder()
                .withoutDockerConfig()
                .insecure("far.example:5000")
                .retries(0)
                .build(),
            Map.of("HTTP_PROXY", proxy.origin(), "HTTPS_PROXY", proxy.origin()));
    open.add(0, client);
    return tags(client, "far.example:5000");
  }

  /** As squid does for ports other than 443. */
  @Test
  void proxyThatForbidsTunnels_andAPlainAnswer_isPlainHttp() {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    assertThat(behindProxy(403, 200, asked)).containsExactly("1");
    assertThat(asked)
        .containsExactly(
            "CONNECT far.example:5000",
            "GET http://far.example:5000/v2/",
            "GET http://far.example:5000/v2/ann/tool/tags/list");
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 403, 404, 503})
  void proxyThatForbidsTunnels_andAPageOfItsOwn_isTold(int page) {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    assertThatThrownBy(() -> behindProxy(403, page, asked))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("cannot reach https://far.example:5000: the proxy refuses a tunnel")
        .hasMessageContaining("(403)");
  }

  @ParameterizedTest
  @ValueSource(ints = {407, 502, 503, 504})
  void proxyThatWantsAPassword_orIsInTrouble_isTold_andNothingIsSaidInPlain(int status) {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    assertThatThrownBy(() -> behindProxy(status, 200, asked))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("tunnel (" + status + ")");
    assertThat(asked).containsOnly("CONNECT far.example:5000");
  }

  @Test
  void refused_isTold() throws IOException {
    String address;
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = "127.0.0.1:" + unused.getLocalPort();
    }
    assertThatThrownBy(() -> tags(client(address, 1), address))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("cannot reach https://" + address);
  }
}

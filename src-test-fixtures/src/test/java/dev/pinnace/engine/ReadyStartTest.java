package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotReadyException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.Ready;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Starts that wait until the container is ready, and answers over HTTP. */
class ReadyStartTest extends EngineFixture {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Serves what is in /www; /www/up is there once /go is. */
  private static ContainerSpecBuilder web() {
    return shell(
        "busybox mkdir /www; busybox httpd -p 8080 -h /www; echo serving;"
            + " until [ -e /go ]; do busybox sleep 0.02; done; echo yes >/www/up;"
            + " exec busybox sleep 600");
  }

  private static void go(Container container) {
    container.execute("busybox", "touch", "/go");
  }

  @Test
  void http_ownNetwork_waitsForTheStatus() {
    Container container = engine.containers().start(web());
    Ready up = Ready.http(8080, "/up");
    assertThatThrownBy(() -> container.awaitReady(up, SHORT))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("status 200 to 399 to GET /up at port 8080");
    container.awaitReady(Ready.http(8080, "/up").withStatus(404, 404), LONG);
    go(container);
    container.awaitReady(up, LONG);
  }

  @Test
  void http_hostNetwork_asksTheHost() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread answers = new Thread(() -> answer(server), "answers");
      answers.setDaemon(true);
      answers.start();
      Container container = engine.containers().start(waiting().network(NetworkMode.HOST));
      container.awaitReady(Ready.http(server.getLocalPort(), "/x?y=1"), LONG);
    }
  }

  private static void answer(ServerSocket server) {
    try {
      while (true) {
        try (Socket client = server.accept();
            OutputStream out = client.getOutputStream()) {
          byte[] request = new byte[64];
          int count = client.getInputStream().read(request);
          boolean fits =
              new String(request, 0, count, StandardCharsets.US_ASCII)
                  .startsWith("GET /x?y=1 HTTP/1.1\r\n");
          out.write(
              ("HTTP/1.1 " + (fits ? 204 : 400) + " so\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  @Test
  void http_serverThatSaysNothing_isAskedAgain() {
    Container container =
        engine.containers().start(shell("exec busybox nc -ll -p 8080 -e busybox sleep 600"));
    Ready silent = Ready.http(8080, "/").withTimeout(Duration.ofMillis(50));
    assertThatThrownBy(() -> container.awaitReady(silent, SHORT))
        .isInstanceOf(TimedOutException.class);
  }

  static Stream<Runnable> wrong() {
    return Stream.of(
        () -> Ready.http(0, "/"),
        () -> Ready.http(80, "x"),
        () -> Ready.http(80, "/a b"),
        () -> Ready.http(80, "/a\r\nX: y"),
        () -> Ready.http(80, "/").withStatus(99, 200),
        () -> Ready.http(80, "/").withStatus(300, 200),
        () -> Ready.http(80, "/").withTimeout(Duration.ZERO),
        () -> waiting().ready(Ready.port(80), Duration.ZERO));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void conditions_thatMakeNoSense_areRefused(Runnable asking) {
    assertThatThrownBy(asking::run).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void start_returnsWhenItIsReady() {
    Container container =
        engine
            .containers()
            .start(
                shell("busybox sleep 0.3; echo now >/a; echo up; exec busybox sleep 600")
                    .ready(Ready.logLine("up")));
    assertThat(container.execute("busybox", "cat", "/a").stdout()).isEqualTo("now\n");
    assertThat(container.inspect().spec().ready()).isEmpty();
    container.restart();
  }

  @Test
  void scoped_returnsWhenItIsReady_andRemovesAtItsEnd() {
    try (ScopedContainer container =
        engine.containers().scoped(web().ready(Ready.http(8080, "/").withStatus(404, 404)))) {
      go(container);
    }
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void start_autoRemove_isRemovedWhenItEndsLater() {
    Container container =
        engine
            .containers()
            .start(
                shell("echo up; until [ -e /go ]; do busybox sleep 0.02; done")
                    .autoRemove()
                    .ready(Ready.logLine("up")));
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    go(container);
    eventually(() -> engine.containers().list().isEmpty());
  }

  static Stream<ContainerSpecBuilder> lives() {
    return Stream.of(shell(""), shell("").autoRemove(), shell("").detached());
  }

  @ParameterizedTest
  @MethodSource("lives")
  void start_endsBefore_isRemovedAndTellsTheLastLines(ContainerSpecBuilder spec) {
    StartFailedException failure =
        catchThrowableOfType(
            StartFailedException.class,
            () ->
                engine
                    .containers()
                    .start(
                        spec.command("busybox", "sh", "-c", "echo no luck; exit 3")
                            .ready(Ready.port(80))));
    assertThat(failure)
        .hasMessageContaining("ended, with exit code 3, before it was ready")
        .hasCauseInstanceOf(NotReadyException.class);
    assertThat(failure.lastLogs()).containsExactly("no luck");
    assertThat(failure.step()).isEqualTo("wait for TCP port 80 to be listened on");
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void start_notReadyInTime_isEndedAndRemoved() {
    StartFailedException failure =
        catchThrowableOfType(
            StartFailedException.class,
            () -> engine.containers().scoped(waiting().ready(Ready.port(80), SHORT)));
    assertThat(failure).hasCauseInstanceOf(TimedOutException.class);
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void createAndRun_withACondition_areRefused() {
    assertThatThrownBy(() -> engine.containers().create(waiting().ready(Ready.port(80))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("awaitReady");
    assertThatThrownBy(() -> engine.containers().run(waiting().ready(Ready.port(80))))
        .isInstanceOf(InvalidSpecException.class);
    assertThat(engine.containers().list()).isEmpty();
  }
}

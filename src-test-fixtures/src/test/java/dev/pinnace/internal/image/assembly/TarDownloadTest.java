package dev.pinnace.internal.image.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TarDownloadTest {
  private static final byte[] CONTENT =
      "x".repeat(50_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private static final Duration SILENCE = Duration.ofSeconds(2);

  @TempDir private Path directory;
  private final List<TarDownloads> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(TarDownloads::close);
  }

  private HttpServer serving() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          switch (path) {
            case "/tar" -> {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(CONTENT);
              exchange.close();
            }
            case "/moved" -> {
              exchange.getResponseHeaders().add("Location", "/tar");
              exchange.sendResponseHeaders(302, -1);
              exchange.close();
            }
            case "/silent" -> {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(CONTENT, 0, 100);
              exchange.getResponseBody().flush();
            }
            case "/cut" -> {
              exchange.sendResponseHeaders(200, CONTENT.length);
              exchange.getResponseBody().write(CONTENT, 0, 100);
              exchange.getResponseBody().flush();
              exchange.getHttpContext().getServer().stop(0);
            }
            default -> {
              exchange.sendResponseHeaders(404, -1);
              exchange.close();
            }
          }
        });
    server.start();
    return server;
  }

  @Test
  void download_bringsSaysAndGivesUp() throws IOException {
    HttpServer server = serving();
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    Path file = directory.resolve("file");
    try {
      for (String path : List.of("/tar", "/moved")) {
        download(base + path).to(file);
        assertThat(file).hasBinaryContent(CONTENT);
        Files.delete(file);
      }
      assertThatThrownBy(() -> download(base + "/missing").to(file))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("404");
      assertThatThrownBy(() -> download(base + "/silent").to(file))
          .isInstanceOf(TimedOutException.class);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> download(base + "/silent").to(file))
          .isInstanceOf(CancelledException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThatThrownBy(() -> download(base + "/cut").to(file)).isInstanceOf(IOException.class);
    } finally {
      server.stop(0);
    }
    assertThatThrownBy(() -> download("ftp://ann:secret@host/x"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("ftp://host/x cannot be imported");
    assertThat(download("http://ann:secret@host:81/x?y").origin()).isEqualTo("http://host:81/x");
  }

  @ParameterizedTest
  @CsvSource({
    "'', /a//b@c.tar, ''",
    "'', /get?u=https://me@host/x.tar, ''",
    "ann:secret@, /a@b?c=//d@e, Basic YW5uOnNlY3JldA==",
    "'', '?f=@127.0.0.2/evil', ''"
  })
  void download_asksForWhatTheUriSays(String user, String asked, String authorization)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    server.createContext(
        "/",
        exchange -> {
          heard.add(
              exchange.getRequestURI()
                  + " "
                  + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                      .orElse(""));
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    try {
      String uri = "http://" + user + "127.0.0.1:" + server.getAddress().getPort() + asked;
      assertThatThrownBy(() -> download(uri).to(directory.resolve("file")))
          .isInstanceOf(RegistryException.class)
          .hasMessageNotContaining("secret");
    } finally {
      server.stop(0);
    }
    String target = asked.startsWith("?") ? "/" + asked : asked;
    assertThat(heard).containsExactly(target + " " + authorization);
  }

  @Test
  void download_moreThanThereIsRoomFor_isRefused() throws IOException {
    HttpServer server = serving();
    String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/tar";
    try {
      try (TarDownloads limited =
          new TarDownloads(
              Map.of(), SILENCE, where -> new UnpackLimit(CONTENT.length - 1, 1L << 30, 200))) {
        assertThatThrownBy(() -> limited.of(URI.create(uri)).to(directory.resolve("file")))
            .isInstanceOf(InvalidSpecException.class)
            .hasMessageContaining(uri)
            .hasMessageContaining("no room");
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void download_throughTheProxyOfTheEnvironment() throws IOException {
    HttpServer server = serving();
    Queue<String> authorizations = new ConcurrentLinkedQueue<>();
    server.createContext(
        "/proxied",
        exchange -> {
          authorizations.add(exchange.getRequestHeaders().getFirst("Proxy-Authorization"));
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT);
          exchange.close();
        });
    try {
      Path file = directory.resolve("file");
      String proxy = "ann:secret@127.0.0.1:" + server.getAddress().getPort();
      download("http://far.example/proxied", Map.of("http_proxy", proxy)).to(file);
      assertThat(file).hasBinaryContent(CONTENT);
      assertThat(authorizations).containsExactly("Basic YW5uOnNlY3JldA==");
      assertThatThrownBy(
              () -> download("http://far.example/x", Map.of("HTTP_PROXY", "socks5://p:1")).to(file))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("HTTP_PROXY");
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://ann:se?cret@host/x",
        "http://ann:se#cret@host/x",
        "http://ann:se/cret@host/x",
        "ftp://ann:se@cret@host/x"
      })
  void download_passwordThatIsNotEncoded_isNotShown(String uri) {
    assertThatThrownBy(() -> download(uri))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith(uri.substring(0, uri.indexOf(':')) + "://host/x cannot be imported")
        .hasMessageNotContaining("cret");
  }

  private TarDownload download(String uri) {
    return download(uri, Map.of());
  }

  private TarDownload download(String uri, Map<String, String> environment) {
    TarDownloads downloads = new TarDownloads(environment, SILENCE, UnpackLimit::in);
    opened.add(downloads);
    return downloads.of(URI.create(uri));
  }
}

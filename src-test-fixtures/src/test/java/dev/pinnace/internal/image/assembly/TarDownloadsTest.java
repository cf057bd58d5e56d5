package dev.pinnace.internal.image.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.Gates;
import dev.pinnace.fixtures.registry.Wire;
import dev.pinnace.fixtures.registry.WireServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is told user and password of a URL, and how many clients many downloads need. */
@Timeout(60)
class TarDownloadsTest {
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path directory;
  private final WireServer elsewhere =
      new WireServer(wire -> wire.answer(200, CONTENT), Optional.empty());
  private final WireServer server = new WireServer(this::answer, Optional.empty());
  private final TarDownloads downloads = new TarDownloads(Map.of());

  @AfterEach
  void close() {
    downloads.close();
    server.close();
    elsewhere.close();
  }

  private void answer(Wire wire) throws IOException {
    Optional<String> ann = Optional.of(Gates.basicHeader("ann", "p:w@ +"));
    if (!wire.request().header("Authorization").equals(ann)) {
      wire.answer(401);
      return;
    }
    switch (wire.path()) {
      case "/near" -> wire.header("Location", "/tar").answer(302);
      case "/far" -> wire.header("Location", elsewhere.origin() + "/tar").answer(307);
      default -> wire.answer(200, CONTENT);
    }
  }

  private URI uri(String user, String path) {
    return URI.create("http://" + user + server.address() + path);
  }

  @Test
  void userAndPassword_areToldToTheirServerAlone() throws IOException {
    Path file = directory.resolve("file");
    for (String path : new String[] {"/tar", "/near", "/far"}) {
      downloads.of(uri("ann:p%3Aw%40%20+@", path)).to(file);
      assertThat(file).hasBinaryContent(CONTENT);
      Files.delete(file);
    }
    assertThat(elsewhere.requests())
        .singleElement()
        .satisfies(request -> assertThat(request.header("Authorization")).isEmpty());
  }

  @Test
  void refused_saysWhatToGive() {
    Path file = directory.resolve("file");
    assertThatThrownBy(() -> downloads.of(uri("", "/tar")).to(file))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answers 401: give a user and a password");
    assertThatThrownBy(() -> downloads.of(uri("ann:wrong@", "/tar")).to(file))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answers 401, for it does not know that user or password")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void manyDownloads_shareOneClient() throws IOException {
    long before = selectors();
    for (int i = 0; i < 10; i++) {
      downloads.of(uri("ann:p%3Aw%40%20+@", "/tar")).to(directory.resolve("file" + i));
    }
    assertThat(selectors() - before).isLessThanOrEqualTo(1);
    assertThat(server.connections()).isLessThanOrEqualTo(1);
  }

  private static long selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("HttpClient-.*-SelectorManager"))
        .count();
  }

  @Test
  void closed_bringsNothing() {
    downloads.close();
    assertThatThrownBy(() -> downloads.of(uri("", "/tar")).to(directory.resolve("file")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the engine is closed");
  }
}

package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that go on and on, a little at a time. */
@Timeout(60)
class EndlessAnswersTest {
  private final TestRegistry registry = TestRegistry.start();
  private final RegistryClient client =
      new RegistryClient(
          Registries.builder()
              .withoutDockerConfig()
              .retries(0)
              .stallTimeout(Duration.ofMillis(300))
              .build(),
          Map.of());

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  private Repository repository() {
    return client.repository(ImageReference.parse(registry.address() + "/ann/tool:1"));
  }

  @Test
  void document_thatDrips_isGivenUp() {
    registry
        .content()
        .putManifest(
            "ann/tool",
            "1",
            MediaTypes.MANIFEST,
            "{\"schemaVersion\":2}                    ".getBytes(StandardCharsets.UTF_8));
    registry.on("GET", "/manifests/", 99, wire -> wire.slowly(1, 100));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("bytes had come");
  }

  @Test
  void tags_onPagesWithoutEnd_areGivenUp() {
    AtomicInteger page = new AtomicInteger();
    registry.on(
        "GET",
        "/tags/list",
        1_000,
        wire ->
            wire.header(
                    "Link",
                    "</v2/ann/tool/tags/list?n=" + page.incrementAndGet() + ">; rel=\"next\"")
                .answer(200, "application/json", "{\"tags\":[\"1\"]}"));
    assertThatThrownBy(() -> repository().tags())
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("page after page");
  }
}

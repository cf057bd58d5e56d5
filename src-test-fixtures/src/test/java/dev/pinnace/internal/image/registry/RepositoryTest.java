package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Registries;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from a registry, and what does when it misbehaves. */
class RepositoryTest extends RepositoryFixture {
  @Test
  void resolve_byTagAndDigest_givesBytesTypeAndDigest() {
    String digest = putManifest();
    ResolvedManifest byTag = repository().resolve("1");
    assertThat(byTag.descriptor().digest()).hasToString(digest);
    assertThat(byTag.descriptor().mediaType()).isEqualTo(MediaTypes.MANIFEST);
    assertThat(RegistryContent.digest(byTag.bytes())).isEqualTo(digest);
    assertThat(repository().manifest(byTag.descriptor())).isEqualTo(byTag.bytes());
    assertThat(registry.requests("GET", "/manifests/1").get(0).header("Accept").orElseThrow())
        .contains(
            MediaTypes.INDEX,
            MediaTypes.MANIFEST,
            MediaTypes.DOCKER_INDEX,
            MediaTypes.DOCKER_MANIFEST);
  }

  @Test
  void resolve_missing_saysWhatAndWhere() {
    assertThatThrownBy(() -> repository().resolve("none"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("ann/tool:none")
        .hasMessageContaining("manifest unknown");
  }

  @Test
  void resolve_wrongBytes_isCorrupt() {
    String digest = putManifest();
    registry.on("GET", "/manifests/", 2, wire -> wire.wrongBytes());
    assertThatThrownBy(() -> repository().resolve(digest)).isInstanceOf(CorruptException.class);
    assertThatThrownBy(() -> repository().resolve("1")).isInstanceOf(CorruptException.class);
  }

  @Test
  void resolve_documentOfTwoTypes_isCorrupt() {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.INDEX + "\",\"manifests\":[]}")
            .getBytes(StandardCharsets.UTF_8);
    registry.content().putManifest("ann/tool", "two", MediaTypes.MANIFEST, bytes);
    assertThatThrownBy(() -> repository().resolve("two"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("says that it is " + MediaTypes.INDEX);
  }

  @Test
  void resolve_hugeManifest_isRefusedUnread() {
    long huge = 100_000_000;
    registry.on("GET", "/manifests/", 1, Trouble.zeros(MediaTypes.MANIFEST, huge));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("longer than 4194304 bytes");
    registry.on(
        "GET",
        "/manifests/",
        1,
        wire -> Trouble.zeros(MediaTypes.MANIFEST, huge).befall(wire.withoutLength()));
    assertThatThrownBy(() -> repository().resolve("1")).isInstanceOf(CorruptException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 404, 500})
  void resolve_page_isNoRegistry(int status) {
    with(Registries.builder().retries(0));
    registry.on("GET", "/manifests/", 1, Trouble.page(status));
    assertThatThrownBy(() -> repository().resolve("1"))
        .hasMessageContaining("web page")
        .hasMessageNotContaining("<html>");
  }

  @Test
  void resolve_errorOfTheSpec_isShown() {
    registry.on(
        "GET", "/manifests/", 1, Trouble.status(403, "DENIED", "ann may not \\u001b[31mpull"));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("denied: ann may not \\u001b[31mpull")
        .satisfies(e -> assertThat(((RegistryException) e).status()).hasValue(403));
  }

  @Test
  void resolve_gibberish_isNoRegistry() {
    putManifest();
    repository().resolve("1");
    registry.on("GET", "/manifests/", 1, Trouble.gibberish());
    assertThatThrownBy(() -> repository().resolve("1")).hasMessageContaining("not a registry");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void resolve_passingStatus_isRepeated(int status) {
    putManifest();
    registry.on("GET", "/manifests/", 2, Trouble.retryAfter(status, "0"));
    repository().resolve("1");
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(3);
  }

  @Test
  void resolve_passingStatusForEver_endsAfterTheRetries() {
    with(Registries.builder().retries(2));
    registry.on("GET", "/manifests/", 99, Trouble.retryAfter(503, "0"));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("503");
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(3);
  }

  @Test
  void resolve_retryAfter_isWaitedFor() {
    putManifest();
    registry.on("GET", "/manifests/", 1, Trouble.retryAfter(429, "1"));
    long before = System.nanoTime();
    repository().resolve("1");
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(990));
    String date =
        ZonedDateTime.now(ZoneOffset.UTC)
            .plusSeconds(2)
            .format(DateTimeFormatter.RFC_1123_DATE_TIME);
    registry.on("GET", "/manifests/", 1, Trouble.retryAfter(429, date));
    before = System.nanoTime();
    repository().resolve("1");
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(500));
  }

  @Test
  void resolve_retryAfterHours_isTold() {
    registry.on("GET", "/manifests/", 1, Trouble.retryAfter(429, "21600"));
    assertThatThrownBy(() -> repository().resolve("1"))
        .hasMessageContaining("too many requests")
        .hasMessageContaining("21600");
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(1);
  }

  @Test
  void resolve_interruptedWhileWaiting_isCancelled() throws Exception {
    registry.on("GET", "/manifests/", 99, Trouble.retryAfter(503, "30"));
    assertCancelled(() -> repository().resolve("1"));
  }

  @Test
  void resolve_interruptedWhileSilent_isCancelled() throws Exception {
    registry.on("GET", "/manifests/", 1, wire -> wire.stall());
    assertCancelled(() -> repository().resolve("1"));
  }

  @Test
  void resolve_silent_endsAfterTheStallTimeout() {
    with(Registries.builder().stallTimeout(Duration.ofMillis(300)).retries(1));
    registry.on("GET", "/manifests/", 9, wire -> wire.stall());
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("silent");
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(2);
  }

  @Test
  void resolve_nobodyListens_failsAtOnce() {
    registry.close();
    long before = System.nanoTime();
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("cannot reach")
        .hasMessageContaining("refused");
    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void resolve_endlessRedirects_end() {
    registry.on("GET", "/manifests/", 99, Trouble.redirect(302, "/v2/ann/tool/manifests/1"));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("redirects again and again");
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://127.0.0.1/x", "http://[", "file:///etc/passwd"})
  void resolve_redirectToNowhere_isSaid(String location) {
    registry.on("GET", "/manifests/", 1, Trouble.redirect(302, location));
    assertThatThrownBy(() -> repository().resolve("1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("an address that is none");
  }
}

package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.BlobHost;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.fixtures.registry.Wire;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from a registry, and what does when it misbehaves. */
@Timeout(60)
class RepositoryTest {
  private static final byte[] BLOB = new byte[3_000_000];

  static {
    new Random(1).nextBytes(BLOB);
  }

  private final TestRegistry registry = TestRegistry.start();
  private RegistryClient client = client(Registries.builder().build());
  private final Descriptor blob =
      new Descriptor(
          MediaTypes.LAYER, Digest.parse(registry.content().putBlob("ann/tool", BLOB)), 3_000_000);

  private RegistryClient client(Registries registries) {
    return new RegistryClient(
        registries.toBuilder().withoutDockerConfig().build(), Map.of("PATH", "/bin"));
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  private Repository repository() {
    return client.repository(ImageReference.parse(registry.address() + "/ann/tool"));
  }

  private void with(Registries.Builder registries) {
    client.close();
    client = client(registries.build());
  }

  private String putManifest() {
    return registry
        .content()
        .putImage("ann/tool", "1", "amd64", List.of(RegistryContent.Layer.plain(BLOB)));
  }

  private static byte[] all(InputStream in) throws IOException {
    try (in) {
      return in.readAllBytes();
    }
  }

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

  static void assertCancelled(Runnable work) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                failure.set(e);
              }
              flag.complete(Thread.currentThread().isInterrupted());
            });
    thread.start();
    Thread.sleep(300);
    thread.interrupt();
    assertThat(flag.get(2, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isInstanceOf(CancelledException.class);
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

  @Test
  void has_tells() {
    assertThat(repository().has(blob.digest())).isTrue();
    assertThat(repository().has(new Digest("0".repeat(64)))).isFalse();
    registry.on("HEAD", "/blobs/", 1, Trouble.status(403, "DENIED", "no"));
    assertThatThrownBy(() -> repository().has(blob.digest())).isInstanceOf(RegistryException.class);
  }

  @Test
  void blob_whole_andFromAnOffset() throws Exception {
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(all(repository().blob(blob, 1_000_001)))
        .isEqualTo(Arrays.copyOfRange(BLOB, 1_000_001, BLOB.length));
    assertThat(registry.requests("GET", "/blobs/").get(1).header("Range"))
        .contains("bytes=1000001-");
    assertThat(all(repository().blob(blob, BLOB.length))).isEmpty();
  }

  @Test
  void blob_rangesIgnored_areSkipped() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.header("Content-Type", "x").answer(200, BLOB));
    assertThat(all(repository().blob(blob, 7))).isEqualTo(Arrays.copyOfRange(BLOB, 7, BLOB.length));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes 6-2999999/3000000", "bytes 7-2999999/3000001", "nonsense", ""})
  void blob_wrongRange_isCorrupt(String range) {
    byte[] rest = Arrays.copyOfRange(BLOB, 7, BLOB.length);
    registry.on("GET", "/blobs/", 9, wire -> wire.header("Content-Range", range).answer(206, rest));
    assertThatThrownBy(() -> all(repository().blob(blob, 7)))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("from the wrong place");
  }

  @Test
  void blob_brokenOff_goesOnWhereItWas() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(1_500_000));
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(0));
    registry.on("GET", "/blobs/", 1, wire -> wire.cutAfter(70_000));
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.requests("GET", "/blobs/"))
        .extracting(request -> request.header("Range").orElse(""))
        .containsExactly(
            "", "bytes=1500000-", "bytes=1500000-", "bytes=" + (1_500_000 + 70_000) + "-");
  }

  @Test
  void blob_brokenOffForEver_ends() {
    with(Registries.builder().retries(2));
    registry.on("GET", "/blobs/", 99, wire -> wire.cutAfter(10));
    assertThatThrownBy(() -> all(repository().blob(blob, 0)))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("broken off 3 times")
        .hasMessageContaining("of 3000000 bytes");
  }

  @Test
  void blob_stalled_goesOnWhereItWas() throws Exception {
    with(Registries.builder().stallTimeout(Duration.ofMillis(300)));
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.requests("GET", "/blobs/")).hasSize(2);
  }

  @Test
  void blob_slowLine_isNotCutOff() throws Exception {
    with(Registries.builder().stallTimeout(Duration.ofMillis(500)).retries(0));
    registry.on("GET", "/blobs/", 1, wire -> wire.slowly(200_000, 100));
    long before = System.nanoTime();
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1400));
  }

  @Test
  void blob_lengthThatIsNotTheDescriptors_isCorrupt() {
    for (long lie : List.of(-1L, 1L)) {
      registry.on("GET", "/blobs/", 1, wire -> wire.lie(lie));
      assertThatThrownBy(() -> all(repository().blob(blob, 0)))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("wrong length");
    }
  }

  @Test
  void blob_withoutLength_mayNotBeLonger() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.withoutLength());
    assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
    Descriptor shorter = new Descriptor(blob.mediaType(), blob.digest(), blob.size() - 1);
    registry.on("GET", "/blobs/", 1, wire -> wire.withoutLength());
    assertThatThrownBy(() -> all(repository().blob(shorter, 0)))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("longer than");
  }

  @Test
  void blob_inChunks_comesWhole() throws Exception {
    registry.on(
        "GET",
        "/blobs/",
        1,
        wire -> {
          String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
          wire.raw(head.getBytes(StandardCharsets.US_ASCII));
          for (int at = 0; at < BLOB.length; at += 1_000_000) {
            wire.raw("f4240;x=y\r\n".getBytes(StandardCharsets.US_ASCII));
            wire.raw(Arrays.copyOfRange(BLOB, at, at + 1_000_000));
            wire.raw("\r\n".getBytes(StandardCharsets.US_ASCII));
          }
          wire.raw("0\r\nTrailer: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        });
    Repository repository = repository();
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.connections()).isEqualTo(1);
  }

  @Test
  void blob_closedByAnotherThread_endsItsRead() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    InputStream in = repository().blob(blob, 0);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                ended.completeExceptionally(new AssertionError(in.readAllBytes().length));
              } catch (IOException | RuntimeException e) {
                ended.complete(e);
              }
            });
    reader.start();
    Thread.sleep(300);
    in.close();
    assertThat(ended.get(2, TimeUnit.SECONDS)).isInstanceOf(CancelledException.class);
    reader.join();
  }

  @Test
  void blob_closedBeforeTheAnswer_endsItsRead() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stall());
    InputStream in = repository().blob(blob, 0);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                interrupted.completeExceptionally(new AssertionError(in.readAllBytes().length));
              } catch (IOException | RuntimeException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
              }
            });
    reader.start();
    Thread.sleep(300);
    in.close();
    assertThat(interrupted.get(2, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void blob_readerInterrupted_isCancelled() throws Exception {
    registry.on("GET", "/blobs/", 1, wire -> wire.stallAfter(1_000_000));
    assertCancelled(
        () -> {
          try {
            all(repository().blob(blob, 0));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void blob_fromAnotherOrigin_withoutCredentials() throws Exception {
    try (BlobHost host = new BlobHost(registry.content())) {
      registry.guardedBy(dev.pinnace.fixtures.registry.Gates.basic("ann", "secret"));
      registry.blobsAt(host.server().origin());
      with(
          Registries.builder()
              .credentials(
                  registry.address(), dev.pinnace.spec.RegistryCredentials.of("ann", "secret")));
      assertThat(all(repository().blob(blob, 0))).isEqualTo(BLOB);
      assertThat(all(repository().blob(blob, 9)))
          .isEqualTo(Arrays.copyOfRange(BLOB, 9, BLOB.length));
      assertThat(host.server().requests())
          .hasSize(2)
          .allMatch(request -> request.header("Authorization").isEmpty());
      assertThat(host.server().requests().get(1).header("Range")).contains("bytes=9-");
    }
  }

  @Test
  void connections_areUsedAgain() throws Exception {
    putManifest();
    Repository repository = repository();
    for (int i = 0; i < 3; i++) {
      repository.resolve("1");
      all(repository.blob(blob, 0));
    }
    assertThat(registry.connections()).isEqualTo(1);
    client.close();
    assertThatThrownBy(() -> repository.resolve("1")).isInstanceOf(RegistryException.class);
  }

  @Test
  void search_interrupted_isCancelled() throws Exception {
    registry.on(
        "GET",
        "/v1/search",
        1,
        wire -> wire.stallAfter(3).answer(200, "application/json", "{\"results\":[]}"));
    assertCancelled(() -> client.search(registry.address() + "/tool", 1));
  }

  private void tag(String... tags) {
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    for (String tag : tags) {
      registry.content().putManifest("ann/tool", tag, MediaTypes.MANIFEST, manifest);
    }
  }

  @Test
  void tags_areReadPageByPage() {
    tag("1", "1.1", "2", "latest", "v3");
    registry.pagesOf(2);
    assertThat(repository().tags()).containsExactly("1", "1.1", "2", "latest", "v3");
    assertThat(registry.requests("GET", "/v2/ann/tool/tags/list"))
        .extracting(request -> request.target().substring(request.path().length()))
        .containsExactly("", "?n=2&last=1.1", "?n=2&last=latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<http://elsewhere.invalid:1/v2/ann/tool/tags/list?last=1&x=%2F>; rel=\"next\"",
        "</v2/ann/tool/tags/list?last=1&x=%2F>;rel=next",
        "<list?last=1&x=%2F>; title=\"a\"; rel=\"next\""
      })
  void tags_nextPageIsOfTheSamePlace(String link) {
    tag("1", "2");
    registry.on(
        "GET",
        "/tags/list",
        1,
        wire -> wire.header("Link", link).answer(200, "application/json", "{\"tags\":[\"1\"]}"));
    assertThat(repository().tags()).containsExactly("1", "2");
    assertThat(registry.requests("GET", "/tags/list").get(1).target())
        .isEqualTo("/v2/ann/tool/tags/list?last=1&x=%2F");
  }

  @Test
  void tags_thatAreNone_areRefused() {
    assertThatThrownBy(() -> repository().tags()).isInstanceOf(NotFoundException.class);
    tag("1");
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "{\"name\":\"x\",\"tags\":null}"));
    assertThat(repository().tags()).isEmpty();
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "{\"tags\":[\"a/../b\"]}"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("\"a/../b\" is no tag");
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "no"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("no JSON");
    registry.on(
        "GET",
        "/tags/list",
        9,
        wire -> json(wire.header("Link", "</v2/ann/tool/tags/list>; rel=\"next\""), "{}"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("in a circle");
  }

  private static void json(Wire wire, String document) throws IOException {
    wire.answer(200, "application/json", document);
  }
}

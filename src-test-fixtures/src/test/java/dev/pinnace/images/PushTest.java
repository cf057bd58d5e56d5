package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.PushOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.RegistryContent.Layer;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.TokenService;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a push sends, and what it does when a registry makes trouble. */
@Needs("root")
@Timeout(120)
class PushTest {
  private static final String HOST = Platform.host().architecture();
  private static final int BIG = 5_000_000;

  @TempDir private Path directory;
  private final TestRegistry registry = TestRegistry.start();
  private final RegistryContent source = new RegistryContent();
  private Pinnace engine;
  private String digest;

  @BeforeEach
  void open() throws IOException {
    engine = engine(Registries.builder().retries(3).stallTimeout(Duration.ofSeconds(1)));
    byte[] big = new byte[BIG];
    new Random(7).nextBytes(big);
    byte[] lower = new LayerArchive().file("big", big).bytes();
    byte[] upper = new LayerArchive().file("small", "hello").bytes();
    digest = source.putImage("tool", "1", HOST, List.of(Layer.plain(lower), Layer.plain(upper)));
    load("1", name("ann/tool"));
  }

  private Pinnace engine(Registries.Builder registries) {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .storage("vfs")
        .registries(registries.withoutDockerConfig().build())
        .open();
  }

  @AfterEach
  void close() throws InterruptedException {
    engine.close();
    registry.close();
    assertNoThreadIsLeft();
  }

  private static void assertNoThreadIsLeft() throws InterruptedException {
    for (int i = 0; i < 200 && threads().count() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(threads()).isEmpty();
  }

  private static Stream<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("pinnace-"));
  }

  private void load(String tag, String name) throws IOException {
    Path layout = directory.resolve("layout-" + tag);
    source.writeLayout("tool", tag, layout, name);
    engine.images().load(layout);
  }

  private String name(String path) {
    return registry.address() + "/" + path + ":1";
  }

  private void assertPushed(String path) {
    assertThat(registry.content().manifest(path, "1").map(m -> RegistryContent.digest(m.bytes())))
        .contains(digest);
    assertThat(registry.content().blobs(path)).isEqualTo(source.blobs("tool"));
    for (String blob : source.blobs("tool")) {
      assertThat(registry.content().blob(path, blob).orElseThrow())
          .isEqualTo(source.blob("tool", blob).orElseThrow());
    }
  }

  @Test
  void push_bringsBytesAndDigest() {
    assertThat(engine.images().push(name("ann/tool"))).hasToString(digest);
    assertPushed("ann/tool");
    assertThat(registry.requests("PATCH", "/uploads/")).as("of the big one").hasSize(1);
    assertThat(registry.requests().get(registry.requests().size() - 1))
        .hasToString("PUT /v2/ann/tool/manifests/1");
  }

  @Test
  void push_again_asksAndSendsNothing() {
    engine.images().push(name("ann/tool"));
    int before = registry.requests().size();
    engine.images().push(name("ann/tool"));
    assertThat(registry.requests().subList(before, registry.requests().size()))
        .extracting(RecordedRequest::method)
        .containsOnly("HEAD");
  }

  @Test
  void push_toAnotherRepository_mounts() {
    engine.images().push(name("ann/tool"));
    engine.images().tag(name("ann/tool"), name("bob/tool"));
    int before = registry.requests("PATCH", "/").size();
    Queue<TransferProgress> seen = new ConcurrentLinkedQueue<>();
    engine
        .images()
        .push(ImageReference.parse(name("bob/tool")), PushOptions.DEFAULTS.withProgress(seen::add))
        .await();
    assertPushed("bob/tool");
    assertThat(registry.requests("PATCH", "/")).hasSize(before);
    assertThat(registry.requests("POST", "/v2/bob/tool/"))
        .hasSize(3)
        .allMatch(request -> request.target().contains("from=ann/tool"));
    assertThat(registry.requests("PUT", "/uploads/")).as("of the first push").hasSize(3);
  }

  @Test
  void push_mountIsNotDone_uploads() {
    engine.images().tag(name("ann/tool"), name("bob/tool"));
    engine.images().push(name("bob/tool"));
    assertPushed("bob/tool");
  }

  @Test
  void push_withTokens_asksForTheScopes() {
    try (TokenService tokens = new TokenService()) {
      registry.guardedBy(tokens);
      engine.images().push(name("ann/tool"));
      assertPushed("ann/tool");
      assertThat(tokens.server().requests()).isNotEmpty();
    }
  }

  @Test
  void push_brokenOff_goesOnWhereItWas() {
    registry.on(
        "PATCH",
        "/uploads/",
        1,
        wire -> {
          wire.takesOnly(2_000_000);
        });
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
    List<RecordedRequest> patches = registry.requests("PATCH", "/uploads/");
    assertThat(patches).hasSize(2);
    assertThat(patches.get(1).header("Content-Range").orElseThrow()).startsWith("2000000-");
    assertThat(registry.requests("GET", "/uploads/")).hasSize(1);
  }

  @Test
  void push_brokenOffAgainAndAgain_countsAnewWhenBytesCame() {
    engine.close();
    engine = engine(Registries.builder().retries(1));
    registry.on("PATCH", "/uploads/", 2, wire -> wire.takesOnly(2_000_000));
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
    assertThat(registry.requests("PATCH", "/uploads/")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-0", "0-4095"})
  void push_registryKeepsLessThanItIsSent_endsAfterTheRetries(String range) {
    registry.on(
        "PATCH",
        "/uploads/",
        99,
        wire -> {
          byte[] unused = wire.body();
          wire.header("Location", wire.path()).header("Range", range).answer(202);
        });
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("the registry was sent bytes 0 to");
    assertThat(registry.requests("PATCH", "/uploads/")).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PATCH", "PUT"})
  void push_retryAfterHours_isTold(String method) {
    registry.on(method, "/uploads/", 99, Trouble.retryAfter(429, "21600"));
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("too many requests")
        .hasMessageContaining("21600");
  }

  @Test
  void push_uploadForgotten_beginsAnew() {
    registry.on(
        "PATCH",
        "/uploads/",
        1,
        Trouble.status(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    registry.on(
        "GET",
        "/uploads/",
        1,
        Trouble.status(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
  }

  @Test
  void push_requestTooLarge_isChunked() throws IOException {
    loadHuge();
    registry.on("PATCH", "/v2/ann/huge/", 1, wire -> wire.answer(413));
    engine.images().push(name("ann/huge"));
    assertThat(registry.content().manifest("ann/huge", "1")).isPresent();
    assertThat(registry.requests("PATCH", "/v2/ann/huge/"))
        .extracting(request -> request.header("Content-Range").orElse(""))
        .contains("0-" + ((32 << 20) - 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void push_passingStatus_isRepeated(int status) {
    registry.on("PATCH", "/uploads/", 1, wire -> wire.answer(status));
    registry.on("PUT", "/uploads/", 1, wire -> wire.answer(status));
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
  }

  @Test
  void push_registryIsSilentWhileItKeepsALargeBlob_isWaitedFor() {
    registry.on(
        "PUT",
        "/uploads/",
        99,
        wire -> {
          if (wire.request().header("Content-Length").orElse("0").equals("0")) {
            pause(Duration.ofSeconds(3));
          }
        });
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
    assertThat(registry.requests("PUT", "/uploads/")).hasSize(3);
    assertThat(registry.requests("DELETE", "/uploads/")).isEmpty();
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void push_lastAttemptWasKeptAndNotAnswered_isEnough() {
    engine.close();
    engine = engine(Registries.builder().retries(0));
    registry.on(
        "PUT",
        "/uploads/",
        99,
        wire -> {
          if (wire.request().header("Content-Length").orElse("0").equals("0")) {
            String blob = wire.query("digest").get(0);
            registry.content().putBlob("ann/tool", source.blob("tool", blob).orElseThrow());
            wire.hangUp();
          }
        });
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
    assertThat(registry.requests("DELETE", "/uploads/")).isEmpty();
  }

  @Test
  void push_registryTakesNothing_endsAfterTheStallTimeout() throws IOException {
    loadHuge();
    registry.on("PATCH", "/uploads/", 99, wire -> wire.stall());
    long before = System.nanoTime();
    assertThatThrownBy(() -> engine.images().push(registry.address() + "/ann/huge:1"))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("it took nothing for 1 s");
    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  /** More than the kernel takes for somebody who reads nothing. */
  private void loadHuge() throws IOException {
    byte[] layer = new LayerArchive().file("huge", new byte[40 << 20]).bytes();
    source.putImage("tool", "huge", HOST, List.of(Layer.plain(layer)));
    load("huge", registry.address() + "/ann/huge:1");
  }

  @Test
  void push_refused_saysWhy() {
    registry.on("POST", "/uploads/", 99, Trouble.status(403, "DENIED", "ann may not push"));
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("ann may not push");
    assertThat(registry.content().manifest("ann/tool", "1")).isEmpty();
  }

  @Test
  void push_ofAnImageThatIsRemovedMeanwhile_endsAndLeavesNothing() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    registry.on(
        "PATCH",
        "/uploads/",
        1,
        wire -> {
          try {
            goOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Task<Digest> push =
        engine.images().push(ImageReference.parse(name("ann/tool")), PushOptions.DEFAULTS);
    while (registry.requests("PATCH", "/uploads/").isEmpty()) {
      Thread.sleep(5);
    }
    engine.images().remove(name("ann/tool"), false);
    goOn.countDown();
    assertThat(push.await()).hasToString(digest);
    assertPushed("ann/tool");
    assertThat(directory.resolve("root/content/blobs/sha256")).isEmptyDirectory();
  }

  @Test
  void push_ofAnImageThatIsRemovedAtItsBeginning_saysSo() throws Exception {
    AtomicBoolean removed = new AtomicBoolean();
    FaultPoints.listen(
        point -> {
          if (point.equals("lease begun") && removed.compareAndSet(false, true)) {
            engine.images().remove(name("ann/tool"), false);
          }
        });
    try {
      assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("was removed meanwhile");
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(registry.requests()).isEmpty();
    assertThat(directory.resolve("root/content/blobs/sha256")).isEmptyDirectory();
  }

  @Test
  void push_cancelled_returnsWhenItHasEnded() throws Exception {
    registry.on("PATCH", "/uploads/", 1, wire -> wire.stall());
    Task<Digest> push =
        engine.images().push(ImageReference.parse(name("ann/tool")), PushOptions.DEFAULTS);
    while (registry.requests("PATCH", "/uploads/").isEmpty()) {
      Thread.sleep(5);
    }
    assertThat(push.cancel()).isTrue();
    assertThatThrownBy(push::await).isInstanceOf(CancelledException.class);
    assertThat(registry.content().manifest("ann/tool", "1")).isEmpty();
    assertThat(registry.uploads()).as("what was begun is given up").isZero();
    engine.images().push(name("ann/tool"));
    assertPushed("ann/tool");
  }

  @Test
  void push_onlyAccepted_isNoSuccess() {
    registry.on("PUT", "/manifests/", 9, wire -> wire.answer(202));
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answered 202");
  }

  @Test
  void push_blobOnlyAccepted_isNoSuccess() {
    registry.on("PUT", "/uploads/", 99, wire -> wire.answer(202));
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("answered 202");
  }

  @Test
  void push_refusedInTheMiddle_isGivenUp() {
    registry.on("PUT", "/uploads/", 99, Trouble.status(403, "DENIED", "that is not for ann"));
    engine.close();
    engine = engine(Registries.builder().parallelTransfers(1));
    assertGivenUp();
    assertThat(registry.requests("DELETE", "/v2/ann/tool/blobs/uploads/")).isNotEmpty();
  }

  private void assertGivenUp() {
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("that is not for ann");
    assertThat(registry.uploads()).isZero();
  }

  @Test
  void push_refusedWhileAnotherUploadBegins_givesThatUpToo() {
    CountDownLatch refused = new CountDownLatch(1);
    registry.on(
        "PUT",
        "/uploads/",
        99,
        wire -> {
          Trouble.status(403, "DENIED", "that is not for ann").befall(wire);
          refused.countDown();
        });
    registry.on("POST", "/uploads/", 1, wire -> answersAfter(refused));
    assertGivenUp();
    assertThat(registry.requests("DELETE", "/v2/ann/tool/blobs/uploads/"))
        .as("of the one that was refused, and of the one that had just begun")
        .hasSizeGreaterThanOrEqualTo(2);
  }

  /** Long enough for who was refused to have interrupted the others. */
  private static void answersAfter(CountDownLatch refused) {
    try {
      refused.await();
      Thread.sleep(300);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void push_refusedWhileABeginningIsNeverAnswered_endsInAMoment() {
    engine.close();
    engine = engine(Registries.builder().retries(3).stallTimeout(Duration.ofMinutes(5)));
    registry.on("PUT", "/uploads/", 99, Trouble.status(403, "DENIED", "that is not for ann"));
    registry.on("POST", "/uploads/", 1, wire -> wire.stall());
    long before = System.nanoTime();
    assertThatThrownBy(() -> engine.images().push(name("ann/tool")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("that is not for ann");
    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  @Test
  void push_givenUpToARegistryThatIsSilent_endsInAMoment() throws Exception {
    registry.on("PATCH", "/uploads/", 99, wire -> wire.stall());
    registry.on("DELETE", "/uploads/", 99, wire -> wire.stall());
    engine.close();
    engine = engine(Registries.builder().retries(0).stallTimeout(Duration.ofMinutes(5)));
    Task<Digest> push =
        engine.images().push(ImageReference.parse(name("ann/tool")), PushOptions.DEFAULTS);
    while (registry.requests("PATCH", "/uploads/").isEmpty()) {
      Thread.sleep(5);
    }
    assertThat(push.cancel()).isTrue();
    assertThatThrownBy(push::await).isInstanceOf(CancelledException.class);
    assertThat(registry.requests("DELETE", "/uploads/")).isNotEmpty();
  }

  @Test
  void push_progress_isToldOfEachBlob() throws Exception {
    Queue<TransferProgress> seen = new ConcurrentLinkedQueue<>();
    engine
        .images()
        .push(ImageReference.parse(name("ann/tool")), PushOptions.DEFAULTS.withProgress(seen::add))
        .await();
    for (int i = 0;
        i < 200 && seen.stream().filter(p -> p.phase() == Phase.DONE).count() < 4;
        i++) {
      Thread.sleep(10);
    }
    assertThat(seen.stream().filter(p -> p.phase() == Phase.DONE).map(TransferProgress::blob))
        .as("three blobs and the manifest")
        .hasSize(4)
        .contains(Digest.parse(digest));
    assertThat(seen).allMatch(progress -> progress.current() <= progress.total());
  }

  @Test
  void push_indexOfWhichAllIsHere_asIndex() throws IOException {
    String index = source.putIndex("tool", "all", Map.of("linux/" + HOST, digest));
    load("all", name("ann/all"));
    assertThat(engine.images().push(name("ann/all"))).hasToString(index);
    assertThat(registry.content().manifest("ann/all", "1").orElseThrow().mediaType())
        .isEqualTo("application/vnd.oci.image.index.v1+json");
  }

  @Test
  void push_indexOfWhichOneImageIsHere_asThatImage() throws IOException {
    byte[] tar = new LayerArchive().file("x", "y").bytes();
    String other = source.putImage("tool", "other", "s390x", List.of(Layer.plain(tar)));
    source.putIndex("tool", "some", Map.of("linux/" + HOST, digest, "linux/s390x", other));
    load("some", name("ann/some"));
    assertThat(engine.images().push(name("ann/some"))).hasToString(digest);
    assertThatThrownBy(
            () ->
                engine
                    .images()
                    .push(
                        ImageReference.parse(name("ann/some")),
                        PushOptions.DEFAULTS.withPlatform(Platform.parse("linux/s390x")))
                    .await())
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void push_whatIsNotHere() {
    assertThatThrownBy(() -> engine.images().push("127.0.0.1:1/none"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> engine.images().push(registry.address() + "/ann/tool@" + digest))
        .isInstanceOf(InvalidSpecException.class);
  }
}

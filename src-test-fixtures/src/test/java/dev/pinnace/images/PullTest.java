package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.event.TransferProgress;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.PullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pulls through the API, from a registry inside this JVM. */
@Needs({"root", "busybox"})
@Timeout(120)
class PullTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private Pinnace engine = PLACE.open();

  @BeforeEach
  void fill() throws IOException {
    byte[] busybox = Files.readAllBytes(busybox());
    byte[] tar =
        new LayerArchive().dir("bin/").executable("bin/busybox", busybox).dir("proc/").bytes();
    byte[] noise = new byte[6 << 20];
    new Random(1).nextBytes(noise);
    byte[] large = new LayerArchive().file("noise", noise).bytes();
    new ImageBlobs().gzipLayer(tar).putInto(registry.content(), "tool", "1");
    new ImageBlobs().gzipLayer(tar).gzipLayer(large).putInto(registry.content(), "large", "1");
  }

  private static Path busybox() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(directory -> Path.of(directory, "busybox"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  @AfterEach
  void removeAll() {
    registry.behave();
    for (ImageSummary image : engine.images().list()) {
      engine.images().remove(image.id().toString(), true);
    }
    engine.close();
    registry.close();
  }

  private String name(String repository) {
    return registry.address() + "/" + repository + ":1";
  }

  private Task<Image> begin(String repository, PullOptions options) {
    return engine.images().pull(ImageReference.parse(name(repository)), options);
  }

  private static List<Path> partials() throws IOException {
    try (Stream<Path> files = Files.list(PLACE.root().resolve("content/ingest"))) {
      return files.toList();
    }
  }

  /** Has a blob come so slowly that somebody can do something meanwhile. */
  private CountDownLatch stallLargeLayer() {
    CountDownLatch begun = new CountDownLatch(1);
    String digest =
        registry.content().blobs("large").stream()
            .filter(blob -> registry.content().blob("large", blob).orElseThrow().length > 5 << 20)
            .findFirst()
            .orElseThrow();
    registry.on(
        "GET",
        digest,
        100,
        wire -> {
          begun.countDown();
          wire.stallAfter(3 << 20);
        });
    return begun;
  }

  @Test
  void pull_thenRun() {
    Image pulled = engine.images().pull(name("tool"));
    assertThat(pulled.references()).containsExactly(name("tool"));
    assertThat(
            engine
                .containers()
                .run(image(name("tool")).command("busybox", "echo", "hello"))
                .stdout())
        .isEqualTo("hello\n");
  }

  @Test
  void pull_byDigest_isNamedByIt() {
    String digest = engine.images().pull(name("tool")).digest().toString();
    String reference = registry.address() + "/tool:7@" + digest;
    assertThat(engine.images().pull(reference).references())
        .contains(registry.address() + "/tool@" + digest);
    assertThat(engine.images().find(registry.address() + "/tool@" + digest)).isPresent();
  }

  @Test
  void pull_whatIsNotThere() {
    assertThatThrownBy(() -> engine.images().pull(name("nothing")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> engine.images().pull("127.0.0.1:1/tool:1"))
        .isInstanceOf(RegistryException.class);
  }

  @Test
  void cancel_leavesPartialBlobsAlone_andTheNextPullGoesOn() throws Exception {
    CountDownLatch begun = stallLargeLayer();
    Task<Image> task = begin("large", PullOptions.DEFAULTS);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> task.await(Duration.ofMillis(300)))
        .isInstanceOf(TimedOutException.class);
    assertThat(task.cancel()).isTrue();
    assertThat(task.cancel()).isFalse();
    assertThatThrownBy(task::await).isInstanceOf(CancelledException.class);
    assertThat(task.completion().toCompletableFuture()).isCompletedExceptionally();
    assertThat(engine.images().list()).isEmpty();
    assertThat(partials()).isNotEmpty().allMatch(file -> file.toString().endsWith(".partial"));

    registry.behave();
    engine.images().pull(name("large"));
    assertThat(registry.requests("GET", "/blobs/"))
        .anyMatch(request -> request.header("Range").isPresent());
    assertThat(partials()).isEmpty();
  }

  @Test
  void interrupt_ofTheOneWhoWaits_cancels() throws Exception {
    CountDownLatch begun = stallLargeLayer();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                engine.images().pull(name("large"));
              } catch (RuntimeException e) {
                failure.set(e);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
              }
            });
    waiting.start();
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    waiting.interrupt();
    waiting.join(10_000);
    assertThat(failure.get()).isInstanceOf(CancelledException.class);
    assertThat(engine.images().list()).isEmpty();
  }

  @Test
  void close_cancelsWhatRuns() throws Exception {
    CountDownLatch begun = stallLargeLayer();
    Task<Image> task = begin("large", PullOptions.DEFAULTS);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    long begin = System.nanoTime();
    engine.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    assertThatThrownBy(task::await).isInstanceOf(CancelledException.class);
    assertThatThrownBy(() -> begin("large", PullOptions.DEFAULTS))
        .isInstanceOf(IllegalStateException.class);
    registry.behave();
    engine = PLACE.open();
    assertThat(engine.images().list()).isEmpty();
    engine.images().pull(name("large"));
  }

  @Test
  void progress_isShownToTheEnd() throws Exception {
    CountDownLatch done = new CountDownLatch(2);
    begin(
            "large",
            PullOptions.DEFAULTS.withProgress(
                progress -> {
                  if (progress.phase() == TransferProgress.Phase.DONE) {
                    done.countDown();
                  }
                }))
        .await();
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void policy_missing_pullsOnce_always_asksEachTime_never_refuses() {
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .run(image(name("tool")).pull(PullPolicy.NEVER).command("busybox", "true")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("pull or load it");
    assertThat(registry.requests()).isEmpty();
    for (int i = 0; i < 2; i++) {
      engine.containers().run(image(name("tool")).command("busybox", "true"));
    }
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(1);
    engine.containers().run(image(name("tool")).pull(PullPolicy.ALWAYS).command("busybox", "true"));
    assertThat(registry.requests("GET", "/manifests/1")).hasSize(2);
    assertThat(registry.requests("GET", "/blobs/")).hasSize(2);
  }

  @Test
  void layersThatAreLost_areUnpackedAgainWithoutTheRegistry() throws IOException {
    engine.images().pull(name("tool"));
    engine.close();
    Path marks = Files.createDirectories(PLACE.root().resolve("content/unsynced"));
    Path layers = PLACE.root().resolve("layers/overlayfs");
    try (Stream<Path> all = Files.list(layers)) {
      String layer =
          all.map(path -> path.getFileName().toString())
              .filter(file -> file.length() == 64)
              .findFirst()
              .orElseThrow();
      Files.writeString(marks.resolve("otherboot-1"), "sha256:" + layer + "\n");
      engine = PLACE.open();
      assertThat(layers.resolve(layer)).doesNotExist();
      assertThat(marks.resolve("otherboot-1")).doesNotExist();
    }
    int asked = registry.requests().size();
    assertThat(
            engine
                .containers()
                .run(image(name("tool")).command("busybox", "echo", "back"))
                .stdout())
        .isEqualTo("back\n");
    assertThat(registry.requests()).hasSize(asked);
  }
}

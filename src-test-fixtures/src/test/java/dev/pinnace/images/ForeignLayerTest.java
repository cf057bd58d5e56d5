package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PushOptions;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.Gates;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import dev.pinnace.spec.SaveOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that registries must not hand on: they come from whoever made them. */
@Needs("root")
@Timeout(120)
class ForeignLayerTest {
  private static final String DOCKER = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  private static final String OCI = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
  private static final byte[] NOISE = new byte[3_000_000];

  static {
    new Random(3).nextBytes(NOISE);
  }

  private static final byte[] TAR = new LayerArchive().file("made", NOISE).bytes();
  private static final byte[] LAYER = ImageBlobs.gzip(TAR);
  private static final String DIGEST = ImageBlobs.digest(LAYER).toString();

  @TempDir private Path directory;
  private final TestRegistry registry =
      TestRegistry.start().guardedBy(Gates.basic("ann", "secret"));
  private final TestRegistry maker = TestRegistry.start();
  private final Registries.Builder registries =
      Registries.builder()
          .withoutDockerConfig()
          .retries(1)
          .credentials(registry.address(), RegistryCredentials.of("ann", "secret"))
          .credentials(maker.address(), RegistryCredentials.of("eve", "of the maker"))
          .plainHttp(maker.address());

  private Pinnace engine(String root) {
    return Pinnace.builder()
        .root(directory.resolve(root))
        .runDirectory(directory.resolve("run-" + root))
        .storage("vfs")
        .registries(registries.build())
        .open();
  }

  @AfterEach
  void close() {
    registry.close();
    maker.close();
  }

  private String made() {
    return maker.origin() + "/v2/made/blobs/" + DIGEST;
  }

  private String name(String path) {
    return registry.address() + "/" + path + ":1";
  }

  /** An image of which the registry lacks a layer. */
  private void put(String type, String... urls) {
    ImageBlobs image = new ImageBlobs().gzipLayer(new LayerArchive().file("own", "1").bytes());
    Descriptor foreign =
        new Descriptor(
            type,
            ImageBlobs.digest(LAYER),
            LAYER.length,
            Optional.empty(),
            Map.of(),
            List.of(urls));
    image.layer(foreign, LAYER, ImageBlobs.digest(TAR));
    Descriptor manifest = image.manifest();
    image
        .blobs()
        .forEach(
            (digest, bytes) -> {
              if (digest.equals(manifest.digest())) {
                registry.content().putManifest("ann/tool", "1", MediaTypes.MANIFEST, bytes);
              } else if (!digest.equals(foreign.digest())) {
                registry.content().putBlob("ann/tool", bytes);
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {DOCKER, OCI})
  void pull_takesItFromItsMaker_andPushLeavesItThere(String type) {
    maker.content().putBlob("made", LAYER);
    put(type, maker.origin() + "/v2/nobody/blobs/" + DIGEST, made());
    try (Pinnace engine = engine("root")) {
      Image image = engine.images().pull(name("ann/tool"));
      assertThat(image.config().diffIds()).hasSize(2);
      assertThat(registry.requests("GET", DIGEST)).as("asked first").isNotEmpty();
      assertThat(maker.requests())
          .hasSize(2)
          .allMatch(request -> request.header("Authorization").isEmpty());

      engine.images().tag(name("ann/tool"), name("bob/tool"));
      Queue<TransferProgress> seen = new ConcurrentLinkedQueue<>();
      Digest pushed =
          engine
              .images()
              .push(
                  ImageReference.parse(name("bob/tool")),
                  PushOptions.DEFAULTS.withProgress(seen::add))
              .await();
      assertThat(pushed).isEqualTo(image.digest());
      assertThat(phases(seen, Digest.parse(DIGEST))).containsOnly(Phase.SKIPPED);
      assertThat(registry.content().blob("bob/tool", DIGEST)).isEmpty();
      assertThat(registry.requests("HEAD", "/v2/bob/tool/blobs/" + DIGEST)).isEmpty();
      assertThat(registry.content().manifest("bob/tool", "1").orElseThrow().bytes())
          .isEqualTo(registry.content().manifest("ann/tool", "1").orElseThrow().bytes());
    }
  }

  /** What the listener is told of a blob, once it is told of it. */
  private static List<Phase> phases(Queue<TransferProgress> seen, Digest blob) {
    for (int i = 0; i < 200 && seen.stream().noneMatch(p -> p.blob().equals(blob)); i++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return seen.stream()
        .filter(progress -> progress.blob().equals(blob))
        .map(TransferProgress::phase)
        .toList();
  }

  @Test
  void pull_registryHasIt_asksNobodyElse() {
    registry.content().putBlob("ann/tool", LAYER);
    put(DOCKER, made());
    try (Pinnace engine = engine("root")) {
      engine.images().pull(name("ann/tool"));
      assertThat(maker.requests()).isEmpty();
    }
  }

  @Test
  void pull_brokenOffAtTheMaker_goesOnThere() {
    maker.content().putBlob("made", LAYER);
    maker.on("GET", DIGEST, 1, wire -> wire.cutAfter(1_000_000));
    put(DOCKER, made());
    try (Pinnace engine = engine("root")) {
      engine.images().pull(name("ann/tool"));
      assertThat(maker.requests("GET", DIGEST).get(1).header("Range")).isPresent();
    }
  }

  @Test
  void pull_otherBytes_isCorrupt() {
    maker.content().putBlob("made", LAYER);
    maker.on("GET", DIGEST, 9, wire -> wire.wrongBytes());
    put(DOCKER, made());
    try (Pinnace engine = engine("root")) {
      assertThatThrownBy(() -> engine.images().pull(name("ann/tool")))
          .isInstanceOf(CorruptException.class);
      assertThat(engine.images().list()).isEmpty();
    }
  }

  @Test
  void pull_fromWhereItIsNot_saysEachReason() {
    put(DOCKER, "http://127.0.0.1:1/layer", "ftp://maker.invalid/layer", "no address", made());
    try (Pinnace engine = engine("root")) {
      assertThatThrownBy(() -> engine.images().pull(name("ann/tool")))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("blob unknown to registry")
          .hasMessageContaining("http://127.0.0.1:1, which is unencrypted")
          .hasMessageContaining("Registries.plainHttp")
          .hasMessageContaining("\"ftp://maker.invalid/layer\"")
          .hasMessageContaining("\"no address\"")
          .hasMessageContaining(maker.origin() + " answered 404");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void save_hasIt_andLoadKeepsWhereItIsFrom(boolean layout) {
    maker.content().putBlob("made", LAYER);
    put(DOCKER, made());
    Path archive = directory.resolve("archive");
    try (Pinnace engine = engine("root");
        Pinnace other = engine("other")) {
      Image image = engine.images().pull(name("ann/tool"));
      SaveOptions options =
          layout ? SaveOptions.of(SaveOptions.Format.OCI_ARCHIVE) : SaveOptions.defaults();
      engine.images().save(List.of(name("ann/tool")), archive, options);
      Image loaded = other.images().load(archive).get(0);
      assertThat(loaded.id()).isEqualTo(image.id());
      if (layout) {
        assertThat(loaded.digest()).isEqualTo(image.digest());
        other.images().tag(name("ann/tool"), name("bob/tool"));
        other.images().push(name("bob/tool"));
        assertThat(registry.content().blob("bob/tool", DIGEST)).isEmpty();
      }
    }
    assertThat(RegistryContent.digest(LAYER)).isEqualTo(DIGEST);
  }
}

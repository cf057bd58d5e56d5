package dev.pinnace.rootless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls of an ordinary user, with each driver that works for it; see {@link UnprivilegedTest}. */
@Tag("unprivileged")
@Timeout(120)
class UnprivilegedPullTest {
  @TempDir private Path directory;
  private final TestRegistry registry = TestRegistry.start();
  private final ImageBlobs image = new ImageBlobs();

  @BeforeEach
  void fill() {
    byte[] noise = new byte[6 << 20];
    new Random(1).nextBytes(noise);
    image
        .layer(programs())
        .gzipLayer(new LayerArchive().file("noise", noise).file("gone", "x").bytes())
        .gzipLayer(
            new LayerArchive()
                .add(TarEntry.directory("srv/").withPermissions(0751).withOwner(5, 6))
                .file("srv/text", "from a registry")
                .hardlink("srv/link", "srv/text")
                .file(".wh.gone", "")
                .bytes())
        .putInto(registry.content(), "tool", "1");
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private Pinnace open(String root, String storage) {
    Pinnace.Builder builder =
        Pinnace.builder()
            .root(directory.resolve(root))
            .runDirectory(directory.resolve("run-" + root))
            .registries(Registries.builder().withoutDockerConfig().build());
    return (storage.isEmpty() ? builder : builder.storage(storage)).open();
  }

  /** A layer with a shell, as somebody without rights has pushed it. */
  private byte[] programs() {
    try (Pinnace engine = open("maker", "")) {
      Image programs = engine.images().fromHost("sh", "cat", "ls");
      String name = registry.address() + "/programs:1";
      engine.images().tag(programs.id().toString(), name);
      assertThat(engine.images().push(name)).isEqualTo(programs.digest());
      String layer = programs.config().diffIds().get(0).toString();
      return registry.content().blob("programs", layer).orElseThrow();
    }
  }

  private String name() {
    return registry.address() + "/tool:1";
  }

  private static boolean works(Pinnace engine, String driver) {
    return engine.info().features().stream()
        .anyMatch(feature -> feature.name().equals("storage " + driver) && feature.available());
  }

  private List<String> drivers() {
    try (Pinnace engine = open("maker", "")) {
      return Stream.of("overlayfs", "vfs").filter(driver -> works(engine, driver)).toList();
    }
  }

  @Test
  void eachDriver_pullsRunsAndRemovesAll() throws IOException {
    assertThat(drivers()).contains("vfs");
    for (String driver : drivers()) {
      try (Pinnace engine = open(driver, driver)) {
        Image pulled = engine.images().pull(name());
        assertThat(pulled.config().diffIds()).hasSize(3);
        RunResult result =
            engine
                .containers()
                .run(
                    ContainerSpec.image(name())
                        .command("sh", "-c", "cat /srv/link; ls -d /gone /noise; ls -ld /srv"));
        assertThat(result.stdout()).startsWith("from a registry/noise\ndrwxr-x--x");
        engine.images().prune(ImageFilter.all());
      }
      try (Stream<Path> blobs = Files.list(directory.resolve(driver + "/content/blobs/sha256"))) {
        assertThat(blobs).isEmpty();
      }
      assertThat(directory.resolve(driver + "/layers/" + driver + "/drafts")).isEmptyDirectory();
    }
  }

  @Test
  void eachDriver_goesOnWhereACancelledPullWas() throws Exception {
    String large = image.layers().get(1).digest().toString();
    for (String driver : drivers()) {
      try (Pinnace engine = open(driver, driver)) {
        CountDownLatch begun = new CountDownLatch(1);
        registry.on(
            "GET",
            large,
            1,
            wire -> {
              begun.countDown();
              wire.stallAfter(3 << 20);
            });
        Task<Image> pull = engine.images().pull(ImageReference.parse(name()), PullOptions.DEFAULTS);
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(pull.cancel()).isTrue();
        assertThatThrownBy(pull::await).isInstanceOf(CancelledException.class);
        assertThat(directory.resolve(driver + "/layers/" + driver + "/drafts")).isEmptyDirectory();
        assertThat(engine.images().pull(name()).config().diffIds()).hasSize(3);
      }
    }
  }
}

package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.internal.content.Unsynced;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is published before it is on the disk is marked before, and judged after another boot. */
class UnsyncedTest extends PullFixture {
  private final byte[] tar = new LayerArchive().file("a", "1").bytes();
  private final byte[] above = new LayerArchive().file("b", "2").bytes();

  @AfterEach
  void listenNoMore() {
    FaultPoints.listen(point -> {});
  }

  private Path only() {
    List<Path> marks = below("content/unsynced");
    assertThat(marks).hasSize(1);
    return marks.get(0);
  }

  /** As if the host had ended since. */
  private void anotherBoot() throws IOException {
    Path file = only();
    Files.move(file, file.resolveSibling("f".repeat(32) + "-1"));
  }

  @Test
  void pull_marksEverythingBeforeAnythingIsVisible() throws IOException {
    List<String> points = Collections.synchronizedList(new ArrayList<>());
    FaultPoints.listen(points::add);
    ImageBlobs image = new ImageBlobs().gzipLayer(tar).zstdLayer(above);
    pull(image);
    assertThat(points.indexOf("marked as not synced"))
        .isNotNegative()
        .isLessThan(points.indexOf("renamed blob"))
        .isLessThan(points.indexOf("layer appeared"));
    List<String> lines = Files.readAllLines(only());
    for (var digest : image.blobs().keySet()) {
      assertThat(lines).contains(digest.toString());
    }
    driver.layers().forEach(layer -> assertThat(lines).contains(layer.toString()));
  }

  @Test
  void settle_removesTheMarksOfWhatHasEnded() throws IOException {
    pull(new ImageBlobs().gzipLayer(tar));
    try (Unsynced going = store.content().unsynced()) {
      going.add(Set.of(ImageBlobs.digest(above)));
      store.settle();
      assertThat(Files.readAllLines(only())).containsExactly(ImageBlobs.digest(above).toString());
    }
    store.settle();
    assertThat(below("content/unsynced")).isEmpty();
  }

  @Test
  void recover_inTheSameBoot_keepsEverything() {
    pull(new ImageBlobs().gzipLayer(tar).gzipLayer(above));
    store.recover();
    assertThat(driver.layers()).hasSize(2);
    only();
  }

  @Test
  void recover_inAnotherBoot_keepsBlobsThatAreRight_andNoLayer() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(tar).gzipLayer(above);
    Descriptor target = image.manifest();
    pull(target, source(image.blobs()));
    anotherBoot();
    Descriptor top = image.layers().get(1);
    Files.write(store.content().path(top.digest()), new byte[(int) top.size()]);
    store.recover();
    assertThat(driver.layers()).isEmpty();
    assertThat(store.content().has(image.layers().get(0).digest())).isTrue();
    assertThat(store.content().has(top.digest())).as("it was zeros").isFalse();
    assertThat(below("content/unsynced")).isEmpty();

    asked.clear();
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("a", "b");
    assertThat(asked).containsExactly(top.digest().shortHex() + "+0");
  }

  @Test
  void recover_inAnotherBoot_bySeveralAtOnce() throws Exception {
    List<Callable<Object>> engines = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      engines.add(store::recover);
    }
    ExecutorService threads = Executors.newFixedThreadPool(engines.size());
    try {
      for (int round = 0; round < 20; round++) {
        pull(new ImageBlobs().gzipLayer(tar).gzipLayer(above));
        anotherBoot();
        for (Future<Object> engine : threads.invokeAll(engines)) {
          engine.get();
        }
        assertThat(driver.layers()).isEmpty();
        assertThat(below("content/unsynced")).isEmpty();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void pull_ofALayerThatIsHalfHere_marksBoth() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(tar);
    pull(image);
    store.settle();
    driver.remove(driver.layers().iterator().next());
    pull(image);
    List<String> lines = Files.readAllLines(only());
    assertThat(lines).contains(image.layers().get(0).digest().toString());
    driver.layers().forEach(layer -> assertThat(lines).contains(layer.toString()));
  }

  @Test
  void recover_inAnotherBoot_keepsALayerOnWhichAnotherStandsThatIsOnTheDisk() throws IOException {
    pull(new ImageBlobs().gzipLayer(tar));
    anotherBoot();
    pull(new ImageBlobs().gzipLayer(tar).gzipLayer(above));
    store.settle();
    store.recover();
    assertThat(driver.layers()).hasSize(2);
  }
}

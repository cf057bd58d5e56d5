package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A clean-up takes what pulls have left, and nothing of those that are under way in any JVM. */
@Needs({"root", "busybox"})
@Timeout(180)
class PrunePullsTest {
  private static final int ENOUGH = 3 << 20;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Pinnace engine = PLACE.open();
  private byte[] base = new byte[0];
  private Digest large = Digest.parse("sha256:" + "0".repeat(64));

  @BeforeEach
  void fill() throws IOException {
    byte[] noise = new byte[6 << 20];
    new Random(1).nextBytes(noise);
    ImageBlobs image = new ImageBlobs().gzipLayer(new LayerArchive().file("noise", noise).bytes());
    image.putInto(registry.content(), "large", "1");
    large = image.layers().get(0).digest();
    base =
        new LayerArchive()
            .dir("bin/")
            .executable("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox").toRealPath()))
            .dir("proc/")
            .bytes();
  }

  @AfterEach
  void removeAll() {
    goOn.countDown();
    registry.behave();
    engine.images().prune(ImageFilter.all());
    engine.close();
    registry.close();
  }

  private String name(String repository) {
    return registry.address() + "/" + repository + ":1";
  }

  /** Has half of the large layer come and the rest when it may. */
  private void stallLargeLayer() {
    registry.on(
        "GET",
        large.toString(),
        1,
        wire -> {
          begun.countDown();
          byte[] blob = registry.content().blob("large", large.toString()).orElseThrow();
          wire.answer(200, new HalfAtFirst(blob, goOn), blob.length);
        });
  }

  /** Bytes of which half can be read at once. */
  private static final class HalfAtFirst extends java.io.ByteArrayInputStream {
    private final CountDownLatch goOn;

    HalfAtFirst(byte[] bytes, CountDownLatch goOn) {
      super(bytes);
      this.goOn = goOn;
    }

    @Override
    public synchronized int read(byte[] into, int from, int length) {
      if (pos < ENOUGH) {
        return super.read(into, from, Math.min(length, ENOUGH - pos));
      }
      try {
        goOn.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return -1;
      }
      return super.read(into, from, length);
    }
  }

  private static List<Path> files(String directory) throws IOException {
    try (Stream<Path> files = Files.list(PLACE.root().resolve(directory))) {
      return files.toList();
    }
  }

  private void awaitHalf() throws Exception {
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    Path partial = PLACE.root().resolve("content/ingest/" + large.hex() + ".partial");
    while (!Files.exists(partial) || Files.size(partial) < (1 << 20)) {
      Thread.sleep(10);
    }
  }

  @Test
  void prune_afterACancelledPull_freesWhatItLeft() throws Exception {
    stallLargeLayer();
    Task<Image> pull =
        engine.images().pull(ImageReference.parse(name("large")), PullOptions.DEFAULTS);
    awaitHalf();
    pull.cancel();
    assertThatThrownBy(pull::await).isInstanceOf(CancelledException.class);
    long left = engine.diskUsage().blobs().reclaimable().count();
    assertThat(left).isGreaterThan(1 << 20);
    assertThat(engine.images().prune(ImageFilter.all().label("none")).freed().count())
        .as("whatever the filter")
        .isEqualTo(left);
    assertThat(files("content/ingest")).isEmpty();
    assertThat(engine.diskUsage().blobs().size().count()).isZero();
  }

  @Test
  void prune_whileAnotherJvmPulls_takesNothingOfIt() throws Exception {
    stallLargeLayer();
    try (ImagePeer peer = ImagePeer.start(PLACE.root(), PLACE.run(), "pull", name("large"))) {
      awaitHalf();
      assertThat(engine.images().prune(ImageFilter.all()).freed().count()).isZero();
      goOn.countDown();
      assertThat(peer.hear()).isEqualTo("done");
    }
    assertThat(registry.requests("GET", large.toString())).hasSize(1);
    assertThat(engine.images().list()).hasSize(1);
    assertThat(files("content/ingest")).isEmpty();
  }

  @Test
  void prune_againAndAgainWhileOthersPullAndRun_losesNothing() throws IOException {
    for (int i = 0; i < 8; i++) {
      byte[] own = new byte[1 << 18];
      new Random(i).nextBytes(own);
      own[0] = (byte) ('a' + i);
      new ImageBlobs()
          .gzipLayer(base)
          .gzipLayer(new LayerArchive().file("shared", "of " + i % 2).bytes())
          .gzipLayer(new LayerArchive().file("own", own).bytes())
          .putInto(registry.content(), "tool" + i, "1");
    }
    try (ImagePeer peer = ImagePeer.start(PLACE.root(), PLACE.run(), "prune")) {
      assertThat(peer.hear()).isEqualTo("pruned");
      for (int round = 0; round < 24; round++) {
        int i = round % 8;
        String said =
            engine
                .containers()
                .run(image(name("tool" + i)).command("busybox", "head", "-c1", "/own"))
                .stdout();
        assertThat(said).isEqualTo(String.valueOf((char) ('a' + i)));
        if (round % 3 == 0) {
          assertThat(engine.images().pull(name("tool" + (i + 1) % 8)).config()).isNotNull();
        }
      }
      assertThat(peer.end()).isEqualTo("done");
    }
    engine.images().prune(ImageFilter.all());
    assertThat(files("content/blobs/sha256")).isEmpty();
  }
}

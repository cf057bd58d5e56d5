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
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
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
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private final StalledLayer large = StalledLayer.put(registry);
  private final Pinnace engine = PLACE.open();
  private byte[] base = new byte[0];

  @BeforeEach
  void fill() throws IOException {
    base =
        new LayerArchive()
            .dir("bin/")
            .executable("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox").toRealPath()))
            .dir("proc/")
            .bytes();
  }

  @AfterEach
  void removeAll() {
    large.goOn();
    registry.behave();
    engine.images().prune(ImageFilter.all());
    engine.close();
    registry.close();
  }

  private String name(String repository) {
    return registry.address() + "/" + repository + ":1";
  }

  private static List<Path> files(String directory) throws IOException {
    try (Stream<Path> files = Files.list(PLACE.root().resolve(directory))) {
      return files.toList();
    }
  }

  @Test
  void prune_afterACancelledPull_freesWhatItLeft() throws Exception {
    large.stall();
    Task<Image> pull =
        engine.images().pull(ImageReference.parse(name("large")), PullOptions.DEFAULTS);
    large.awaitHalf(PLACE.root());
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
    large.stall();
    try (ImagePeer peer = ImagePeer.start(PLACE.root(), PLACE.run(), "pull", name("large"))) {
      large.awaitHalf(PLACE.root());
      assertThat(engine.images().prune(ImageFilter.all()).freed().count()).isZero();
      large.goOn();
      assertThat(peer.hear()).isEqualTo("done");
    }
    assertThat(registry.requests("GET", large.digest().toString())).hasSize(1);
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

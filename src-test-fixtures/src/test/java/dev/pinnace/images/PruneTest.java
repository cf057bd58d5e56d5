package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.DockerSave;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What nobody needs can be found and removed; what somebody needs stays, whoever cleans up. */
@Needs({"root", "busybox"})
@Timeout(120)
class PruneTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private Pinnace engine;

  @BeforeEach
  void open() {
    engine = PLACE.open();
  }

  @AfterEach
  void close() {
    Leftovers.remove(engine);
    engine.images().prune(ImageFilter.all());
    engine.close();
  }

  private static byte[] base() throws IOException {
    return new LayerArchive()
        .dir("bin/")
        .executable("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox").toRealPath()))
        .bytes();
  }

  /** An image over the common bottom layer, whose top layer has 1 MiB of its own. */
  private static byte[] archive(String name, int content) throws IOException {
    byte[] mebibyte = new byte[1 << 20];
    java.util.Arrays.fill(mebibyte, (byte) content);
    return new DockerSave(
            name,
            "1",
            "busybox cat /own",
            List.of(base(), new LayerArchive().file("own", mebibyte).bytes()))
        .classic();
  }

  private Image load(String name, int content) throws IOException {
    return engine.images().load(new ByteArrayInputStream(archive(name, content))).get(0);
  }

  private long files(String directory) throws IOException {
    try (Stream<Path> files = Files.list(PLACE.root().resolve(directory))) {
      return files.filter(file -> file.getFileName().toString().length() == 64).count();
    }
  }

  @Test
  void diskUsage_twoImagesOfOneBase_countsThatOnce() throws IOException {
    load("one", 1);
    load("two", 2);
    DiskUsage usage = engine.diskUsage();
    DiskUsage.ImageUsage one = usage.images().get(0);
    long base = base().length;
    assertThat(one.size()).isEqualTo(one.image().size());
    assertThat(one.unique().count()).isBetween(1L << 20, (1L << 20) + (1 << 16));
    assertThat(one.shared().count()).isBetween(base - (1 << 16), base);
    assertThat(usage.imagesTotal().count())
        .isEqualTo(one.size().count() + usage.images().get(1).unique().count());
    assertThat(usage.imagesReclaimable()).isEqualTo(usage.imagesTotal());
    assertThat(usage.blobs().count()).as("manifests, configurations, layers").isEqualTo(2 + 2 + 3);
    assertThat(usage.blobs().active()).isZero();
    assertThat(usage.blobs().size().count())
        .isBetween(base + (2L << 20), base + (2L << 20) + (1 << 17));
    assertThat(usage.blobs().reclaimable()).isEqualTo(usage.blobs().size());
  }

  @Test
  void history_sizesOfLayers_areThoseOfTheImage() throws IOException {
    Image image = load("one", 1);
    List<Long> steps =
        engine.images().history("one:1").stream().map(step -> step.size().count()).toList();
    assertThat(steps).hasSize(2).first().isEqualTo(1L << 20);
    assertThat(steps.get(0) + steps.get(1)).isEqualTo(image.size().count());
  }

  @Test
  void list_newestFirst_andAtLastThatWithoutATime() throws IOException {
    engine.images().fromHost("sh");
    load("old", 1);
    for (String name : List.of("first:1", "second:1")) {
      engine.images().importTar(new ByteArrayInputStream(base()), ImportSpec.named(name));
    }
    assertThat(engine.images().list())
        .flatExtracting(ImageSummary::references)
        .containsExactly("second:1", "first:1", "old:1", "localhost/host:latest");
  }

  private static long onDisk(DiskUsage usage) {
    return usage.imagesTotal().count() + usage.blobs().size().count();
  }

  @Test
  void diskUsage_container_needsItsImage() throws IOException {
    load("one", 1);
    load("two", 2);
    Container container =
        engine
            .containers()
            .create(image("one:1").command("busybox", "dd", "if=/own", "of=/copy", "bs=1M"));
    container.start();
    container.await();
    DiskUsage usage = engine.diskUsage();
    assertThat(usage.images().get(0).containers()).isEqualTo(1);
    assertThat(usage.imagesReclaimable()).isEqualTo(usage.images().get(1).unique());
    assertThat(usage.blobs().active()).isEqualTo(1 + 1 + 2);
    assertThat(usage.blobs().reclaimable().count()).isBetween(1L << 20, (1L << 20) + (1 << 16));
    assertThat(usage.containersTotal().count()).isBetween(1L << 20, (1L << 20) + (1 << 16));
    assertThat(usage.containersReclaimable()).isEqualTo(usage.containersTotal());
  }

  @Test
  void prune_byDefault_takesNamelessImagesAndEndedContainers() throws IOException {
    Image lost = load("one", 1);
    load("one", 2);
    load("two", 3);
    Container ended = engine.containers().create(image("two:1").command("busybox", "true"));
    Container running =
        engine.containers().start(image("two:1").command("busybox", "sleep", "1000"));
    PruneReport report = engine.prune(PruneOptions.DEFAULTS);
    assertThat(report.containers()).containsExactly(ended.id());
    assertThat(report.images()).hasSize(1);
    assertThat(report.images().get(0).deleted()).contains(lost.id());
    assertThat(report.images().get(0).untagged()).isEmpty();
    assertThat(report.freed().count()).isBetween(2L << 20, (2L << 20) + (1 << 17));
    assertThat(engine.images().list()).hasSize(2);
    assertThat(running.inspect().status().isAlive()).isTrue();
  }

  @Test
  void prune_all_takesEverythingThatNoContainerUses() throws IOException {
    load("one", 1);
    load("two", 2);
    Container kept = engine.containers().create(image("two:1"));
    engine.images().tag("one:1", "again");
    long before = onDisk(engine.diskUsage());
    PruneReport report = engine.images().prune(ImageFilter.all());
    assertThat(report.images()).hasSize(1);
    assertThat(report.images().get(0).untagged()).containsExactly("one:1", "again:latest");
    long after = onDisk(engine.diskUsage());
    assertThat(report.freed()).isEqualTo(Bytes.of(before - after));
    kept.remove(false);
    engine.images().prune(ImageFilter.all());
    assertThat(onDisk(engine.diskUsage())).isZero();
    assertThat(files("content/blobs/sha256")).isZero();
    assertThat(files("layers/" + engine.info().storage())).isZero();
  }

  @Test
  void prune_filters_keepWhatTheyDoNotMean() throws IOException {
    load("one", 1);
    Instant before = Instant.now();
    Container labelled =
        engine.containers().create(image("one:1").label("keep", "yes").command("busybox", "true"));
    assertThat(
            engine.containers().prune(ContainerFilter.all().withoutLabel("keep", "")).containers())
        .isEmpty();
    assertThat(engine.containers().prune(ContainerFilter.all().createdBefore(before)).containers())
        .isEmpty();
    assertThat(engine.containers().prune(ContainerFilter.all().label("keep", "yes")).containers())
        .containsExactly(labelled.id());
    assertThat(engine.images().prune(ImageFilter.all().label("none")).images()).isEmpty();
  }

  @Test
  void prune_afterTheEndOfARun_leavesItsOutput() throws IOException {
    load("one", 1);
    try (Pinnace other = PLACE.open()) {
      FaultPoints.listen(
          point -> {
            if (point.equals("run ended")) {
              assertThat(other.containers().prune(ContainerFilter.all()).containers()).isEmpty();
            }
          });
      assertThat(engine.containers().run(image("one:1").command("busybox", "echo", "it")).stdout())
          .isEqualTo("it\n");
    } finally {
      FaultPoints.listen(point -> {});
    }
  }

  @Test
  void remove_image_saysWhatIsGone() throws IOException {
    Image image = load("one", 1);
    engine.images().tag("one:1", "two:2");
    assertThat(engine.images().remove("two:2", false).untagged()).containsExactly("two:2");
    assertThat(engine.images().remove("one:1", false).deleted()).contains(image.id());
  }

  @Test
  void prune_whileOthersLoad_losesNothingThatHasAName() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (Pinnace cleaner = PLACE.open()) {
      CompletableFuture<Integer> cleaning =
          CompletableFuture.supplyAsync(
              () -> {
                int rounds = 0;
                while (!done.get()) {
                  cleaner.prune(PruneOptions.DEFAULTS);
                  rounds++;
                }
                return rounds;
              });
      for (int i = 0; i < 30; i++) {
        load("one", i); // takes the name from the one before, whose layer may go at any time
        String own =
            engine
                .containers()
                .run(image("one:1").command("busybox", "head", "-c1", "/own"))
                .stdout();
        assertThat(own.charAt(0)).isEqualTo((char) i);
      }
      done.set(true);
      assertThat(cleaning.get()).isGreaterThan(3);
    }
  }
}

package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.TransferProgress;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Pulls from a map of blobs: what arrives, what is asked for, and what is left. */
class ImagePullTest extends PullFixture {
  private static final byte[] EMPTY = new LayerArchive().bytes();

  private static byte[] files(String... names) {
    LayerArchive tar = new LayerArchive();
    for (String name : names) {
      tar.file(name, name);
    }
    return tar.bytes();
  }

  /** Longer than what one thread does alone, and hard to compress. */
  private static byte[] large(String name, int bytes) {
    byte[] content = new byte[bytes];
    new Random(name.hashCode()).nextBytes(content);
    return new LayerArchive().file(name, content).bytes();
  }

  private static byte[] members(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int from = 0; from < bytes.length; from += 1000) {
      int length = Math.min(1000, bytes.length - from);
      out.writeBytes(ImageBlobs.gzip(java.util.Arrays.copyOfRange(bytes, from, from + length)));
    }
    return out.toByteArray();
  }

  @Test
  void pull_everyCompressionAndKind() {
    byte[] many = files("many");
    ImageBlobs image =
        new ImageBlobs()
            .layer(files("plain"))
            .gzipLayer(EMPTY)
            .gzipLayer(files("gzip"))
            .zstdLayer(files("zstd"))
            .layer(MediaTypes.LAYER_GZIP, members(many), ImageBlobs.digest(many))
            .gzipLayer(EMPTY)
            .gzipLayer(large("large", 5 << 20))
            .gzipLayer(files(".wh.plain"));
    StoredImage pulled = pull(image);
    assertThat(names(pulled)).containsExactly("gzip", "large", "many", "zstd");
    assertThat(pulled.names()).containsExactly(NAME);
    assertThat(ingested()).isEmpty();
    assertThat(blobs()).hasSize(image.blobs().size());
    assertThat(asked.stream().distinct().count()).isEqualTo(asked.size());
  }

  @Test
  void pull_schema2_keepsTheBytesOfItsDocuments() throws IOException {
    ImageBlobs image =
        new ImageBlobs()
            .layer(
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                ImageBlobs.gzip(files("a")),
                ImageBlobs.digest(files("a")));
    Descriptor target = image.manifest(MediaTypes.DOCKER_MANIFEST, MediaTypes.DOCKER_CONFIG);
    StoredImage pulled = pull(target, source(image.blobs()));
    for (Map.Entry<Digest, byte[]> blob : image.blobs().entrySet()) {
      assertThat(store.content().path(blob.getKey())).hasBinaryContent(blob.getValue());
    }
    assertThat(pulled.target().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
  }

  @Test
  void pull_index_choosesThePlatform() {
    ImageBlobs arm = new ImageBlobs().architecture("arm").layer(files("arm"));
    ImageBlobs host = new ImageBlobs().layer(files("host"));
    ImageBlobs all = new ImageBlobs();
    String entries =
        ImageBlobs.json(on("linux/arm/v6", arm.manifest()))
            + ","
            + ImageBlobs.json(on(Platform.host().toString(), host.manifest()));
    Descriptor index =
        all.document(
            MediaTypes.INDEX,
            "{\"schemaVersion\":2,\"mediaType\":\""
                + MediaTypes.INDEX
                + "\",\"manifests\":["
                + entries
                + "]}");
    all.blobs().putAll(arm.blobs());
    all.blobs().putAll(host.blobs());
    assertThat(names(pull(index, source(all.blobs())))).containsExactly("host");
    assertThat(
            names(
                pull(index, source(all.blobs()), Optional.empty(), Platform.parse("linux/arm/v7"))))
        .containsExactly("arm");
    assertThatThrownBy(
            () ->
                pull(index, source(all.blobs()), Optional.empty(), Platform.parse("linux/riscv64")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("linux/arm/v6");
  }

  private static Descriptor on(String platform, Descriptor manifest) {
    return new Descriptor(
        manifest.mediaType(),
        manifest.digest(),
        manifest.size(),
        Optional.of(Platform.parse(platform)),
        Map.of());
  }

  @Test
  void pull_again_asksForNothing() {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("a")).gzipLayer(files("b"));
    Descriptor target = image.manifest();
    pull(target, source(image.blobs()));
    asked.clear();
    List<TransferProgress> seen = new ArrayList<>();
    CountDownLatch both = new CountDownLatch(2);
    pull(
        target,
        source(image.blobs()),
        Optional.of(
            progress -> {
              seen.add(progress);
              if (progress.phase() == TransferProgress.Phase.EXISTS) {
                both.countDown();
              }
            }));
    assertThat(asked).isEmpty();
    awaits(both);
    assertThat(seen)
        .extracting(TransferProgress::phase)
        .containsExactly(TransferProgress.Phase.EXISTS, TransferProgress.Phase.EXISTS);
  }

  private static void awaits(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void pull_layerThatIsNotUnpacked_isTakenFromTheStore() {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("a")).gzipLayer(files("b"));
    Descriptor target = image.manifest();
    StoredImage pulled = pull(target, source(image.blobs()));
    driver.removeAll(driver.layers());
    asked.clear();
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("a", "b");
    assertThat(asked).isEmpty();
    assertThat(pulled.id()).isEqualTo(store.get(NAME.familiar()).id());
  }

  @Test
  void pull_storedBlobThatIsDamaged_isFetchedAgain() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("a"));
    Descriptor target = image.manifest();
    pull(target, source(image.blobs()));
    driver.removeAll(driver.layers());
    Descriptor layer = image.layers().get(0);
    Files.write(store.content().path(layer.digest()), new byte[(int) layer.size()]);
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("a");
    assertThat(store.content().path(layer.digest()))
        .hasBinaryContent(image.blobs().get(layer.digest()));
  }

  /** Gives the first bytes of every layer, then waits until it is interrupted. */
  private BlobSource stalling(ImageBlobs image, int bytes, CountDownLatch stalled) {
    BlobSource honest = source(image.blobs());
    return new BlobSource() {
      @Override
      public InputStream open(Descriptor blob) throws IOException {
        return open(blob, 0);
      }

      @Override
      public InputStream open(Descriptor blob, long offset) throws IOException {
        InputStream in = honest.open(blob, offset);
        if (!image.layers().contains(blob)) {
          return in;
        }
        return new java.io.SequenceInputStream(
            new ByteArrayInputStream(in.readNBytes(bytes)), new Silence(stalled));
      }
    };
  }

  /** A line on which nothing comes. */
  private static final class Silence extends InputStream {
    private final CountDownLatch reached;

    Silence(CountDownLatch reached) {
      this.reached = reached;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      return read();
    }

    @Override
    public int read() throws IOException {
      reached.countDown();
      try {
        new CountDownLatch(1).await();
        return -1;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  @Test
  void interrupt_endsEverythingAndIsResumed() throws Exception {
    ImageBlobs image =
        new ImageBlobs()
            .gzipLayer(large("one", 6 << 20))
            .gzipLayer(large("two", 6 << 20))
            .gzipLayer(files("three"));
    Descriptor target = image.manifest();
    CountDownLatch stalled = new CountDownLatch(3);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread puller =
        new Thread(
            () -> {
              try {
                pull(target, stalling(image, 3 << 20, stalled));
              } catch (RuntimeException e) {
                failure.set(e);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
              }
            });
    puller.start();
    // The third is short enough to come whole, and then waits on its line's end.
    awaits(stalled);
    puller.interrupt();
    puller.join(10_000);
    assertThat(failure.get()).isInstanceOf(CancelledException.class);
    assertThat(blobs()).isEmpty();
    assertThat(driver.layers()).isEmpty();
    assertThat(driver.recover()).isZero();
    assertThat(ingested()).hasSize(3).allMatch(file -> file.toString().endsWith(".partial"));

    asked.clear();
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("one", "three", "two");
    String offset = "+" + (3 << 20);
    assertThat(asked)
        .contains(
            image.layers().get(0).digest().shortHex() + offset,
            image.layers().get(1).digest().shortHex() + offset)
        .noneMatch(what -> what.startsWith(image.layers().get(2).digest().shortHex()));
    assertThat(ingested()).isEmpty();
  }

  @Test
  void resume_ofWrongBytes_beginsAnew() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(large("one", 3 << 20)).layer(files("two"));
    Descriptor target = image.manifest();
    Files.createDirectories(directory.resolve("root/content/ingest"));
    for (Descriptor layer : image.layers()) {
      Files.write(
          directory.resolve("root/content/ingest/" + layer.digest().hex() + ".partial"),
          new byte[700]);
    }
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("one", "two");
    assertThat(ingested()).isEmpty();
  }

  @Test
  void resume_ofWrongBytesThatAreStillBeingRead_beginsAnew() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(large("one", 48 << 20));
    Descriptor target = image.manifest();
    byte[] wrong =
        Objects.requireNonNull(image.blobs().get(image.layers().get(0).digest())).clone();
    wrong[1000] ^= 1;
    Files.createDirectories(directory.resolve("root/content/ingest"));
    Files.write(
        directory.resolve(
            "root/content/ingest/" + image.layers().get(0).digest().hex() + ".partial"),
        wrong);
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("one");
    assertThat(ingested()).isEmpty();
  }

  @Test
  void resume_ofMoreThanThereIs_beginsAnew() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("one"));
    Descriptor target = image.manifest();
    Files.createDirectories(directory.resolve("root/content/ingest"));
    Files.write(
        directory.resolve(
            "root/content/ingest/" + image.layers().get(0).digest().hex() + ".partial"),
        new byte[100_000]);
    assertThat(names(pull(target, source(image.blobs())))).containsExactly("one");
  }

  /** A line that breaks. */
  private static final class Reset extends InputStream {
    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      return read();
    }

    @Override
    public int read() throws IOException {
      throw new IOException("connection reset");
    }
  }

  @Test
  void brokenLine_keepsWhatCame() {
    ImageBlobs image = new ImageBlobs().gzipLayer(large("one", 4 << 20));
    Descriptor target = image.manifest();
    BlobSource honest = source(image.blobs());
    BlobSource broken =
        blob -> {
          InputStream in = honest.open(blob);
          return image.layers().contains(blob)
              ? new java.io.SequenceInputStream(
                  new ByteArrayInputStream(in.readNBytes(1 << 20)), new Reset())
              : in;
        };
    assertThatThrownBy(() -> pull(target, broken))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("connection reset");
    assertThat(ingested()).singleElement().matches(file -> file.toFile().length() == 1 << 20);
    asked.clear();
    pull(target, honest);
    assertThat(asked).contains(image.layers().get(0).digest().shortHex() + "+" + (1 << 20));
  }

  @Test
  void twoPulls_ofOneImage_fetchEachLayerOnce() throws Exception {
    ImageBlobs image = new ImageBlobs();
    for (int i = 0; i < 6; i++) {
      image.gzipLayer(large("layer" + i, 300_000 * (i + 1)));
    }
    Descriptor target = image.manifest();
    List<Future<StoredImage>> pulls = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      pulls.add(threads.submit(() -> pull(target, source(image.blobs()))));
    }
    for (Future<StoredImage> pull : pulls) {
      assertThat(names(pull.get(60, TimeUnit.SECONDS))).hasSize(6);
    }
    for (Descriptor layer : image.layers()) {
      assertThat(asked).containsOnlyOnce(layer.digest().shortHex() + "+0");
    }
    assertThat(ingested()).isEmpty();
  }

  @Test
  void twoImages_withTheSameLayersTheOtherWayRound_doNotBlockEachOther() throws Exception {
    byte[] one = large("one", 2 << 20);
    byte[] two = large("two", 2 << 20);
    ImageBlobs here = new ImageBlobs().gzipLayer(one).gzipLayer(two);
    ImageBlobs there = new ImageBlobs().gzipLayer(two).gzipLayer(one);
    Descriptor first = here.manifest();
    Descriptor second = there.manifest();
    Future<StoredImage> a = threads.submit(() -> pull(first, source(here.blobs())));
    Future<StoredImage> b = threads.submit(() -> pull(second, source(there.blobs())));
    assertThat(names(a.get(60, TimeUnit.SECONDS))).containsExactly("one", "two");
    assertThat(names(b.get(60, TimeUnit.SECONDS))).containsExactly("one", "two");
  }

  @Test
  void listener_thatSleepsOrThrows_slowsNothing() {
    ImageBlobs image = new ImageBlobs();
    for (int i = 0; i < 5; i++) {
      image.gzipLayer(files("f" + i));
    }
    Descriptor target = image.manifest();
    CountDownLatch asleep = new CountDownLatch(1);
    long begin = System.nanoTime();
    pull(
        target,
        source(image.blobs()),
        Optional.of(
            progress -> {
              try {
                asleep.await(5, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    asleep.countDown();
    driver.removeAll(driver.layers());
    pull(
        target,
        source(image.blobs()),
        Optional.of(
            progress -> {
              throw new IllegalStateException("meant to fail");
            }));
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void listener_getsTheLastOfEachLayer() {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("a")).gzipLayer(large("b", 5 << 20));
    Map<Digest, TransferProgress> last = new ConcurrentHashMap<>();
    CountDownLatch done = new CountDownLatch(2);
    pull(
        image.manifest(),
        source(image.blobs()),
        Optional.of(
            progress -> {
              last.put(progress.blob(), progress);
              if (progress.phase() == TransferProgress.Phase.DONE) {
                done.countDown();
              }
            }));
    awaits(done);
    for (Descriptor layer : image.layers()) {
      assertThat(last.get(layer.digest()))
          .isEqualTo(
              new TransferProgress(
                  layer.digest(), TransferProgress.Phase.DONE, layer.size(), layer.size()));
    }
  }

  @Test
  void removePartials_takesWhatIsOldAndNobodysOwn() throws IOException {
    ImageBlobs image = new ImageBlobs().gzipLayer(files("a"));
    Digest layer = image.layers().get(0).digest();
    java.nio.file.Path partial =
        directory.resolve("root/content/ingest/" + layer.hex() + ".partial");
    Files.write(partial, new byte[10]);
    assertThat(store.removePartials(Duration.ofDays(1)).removed()).isZero();
    try (var held = store.content().receive(layer)) {
      assertThat(store.removePartials(Duration.ZERO).removed()).isZero();
    }
    assertThat(store.removePartials(Duration.ZERO))
        .isEqualTo(new dev.pinnace.internal.content.ContentStore.Collection(1, 10));
    assertThat(partial).doesNotExist();
  }

  @Test
  void pull_ofOtherThanWhatIsSaid_leavesNothing() {
    byte[] tar = files("a");
    byte[] gzip = ImageBlobs.gzip(tar);
    Digest good = ImageBlobs.digest(tar);
    Descriptor honest = new Descriptor(MediaTypes.LAYER_GZIP, ImageBlobs.digest(gzip), gzip.length);
    Descriptor shorter = new Descriptor(honest.mediaType(), honest.digest(), gzip.length - 1);
    Descriptor longer = new Descriptor(honest.mediaType(), honest.digest(), gzip.length + 1);
    byte[] damaged = gzip.clone();
    damaged[gzip.length / 2] ^= 1;
    byte[] cut = java.util.Arrays.copyOf(gzip, gzip.length - 9);
    Descriptor cutSaid = new Descriptor(honest.mediaType(), ImageBlobs.digest(cut), cut.length);
    byte[] other = files("b");
    Descriptor plain = new Descriptor(MediaTypes.LAYER, good, tar.length);
    refused(new ImageBlobs().layer(plain, other, good), "has the digest");
    refused(new ImageBlobs().layer(honest, damaged, good), "damaged|has the digest");
    refused(new ImageBlobs().layer(shorter, gzip, good), "longer than the");
    refused(new ImageBlobs().layer(longer, gzip, good), "its descriptor says " + longer.size());
    refused(new ImageBlobs().layer(honest, gzip, ImageBlobs.digest(EMPTY)), "diffID");
    refused(new ImageBlobs().layer(cutSaid, cut, good), "damaged");
  }

  private void refused(ImageBlobs image, String why) {
    String layer = image.layers().get(0).digest().toString();
    image.gzipLayer(large("beside", 3 << 20));
    assertThatThrownBy(() -> pull(image))
        .isInstanceOf(CorruptException.class)
        .hasMessageFindingMatch(why)
        .hasMessageContaining(layer)
        .hasMessageContaining("the test's registry");
    assertNothingIsHere();
  }
}

package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A large layer in a registry, of which one half comes at once and the other when it may. */
final class StalledLayer {
  private static final int ENOUGH = 3 << 20;

  private final TestRegistry registry;
  private final Digest digest;
  private final Digest other;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  private StalledLayer(TestRegistry registry, Digest digest, Digest other) {
    this.registry = registry;
    this.digest = digest;
    this.other = other;
  }

  /** Puts the image {@code large:1}, of two layers, into a registry. It is not stalled yet. */
  static StalledLayer put(TestRegistry registry) {
    byte[] noise = new byte[6 << 20];
    new Random(1).nextBytes(noise);
    ImageBlobs image =
        new ImageBlobs()
            .gzipLayer(new LayerArchive().file("noise", noise).bytes())
            .gzipLayer(new LayerArchive().file("small", "small").bytes());
    image.putInto(registry.content(), "large", "1");
    return new StalledLayer(
        registry, image.layers().get(0).digest(), image.layers().get(1).digest());
  }

  Digest digest() {
    return digest;
  }

  /** The image's other layer. */
  Digest other() {
    return other;
  }

  /** Has half of it come to the next who asks. */
  void stall() {
    registry.on(
        "GET",
        digest.toString(),
        1,
        wire -> {
          begun.countDown();
          byte[] blob = registry.content().blob("large", digest.toString()).orElseThrow();
          wire.answer(200, new HalfAtFirst(blob, goOn), blob.length);
        });
  }

  /** Returns when a good part of what may come is in the store. */
  void awaitHalf(Path root) throws Exception {
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    Path partial = root.resolve("content/ingest/" + digest.hex() + ".partial");
    while (!Files.exists(partial) || Files.size(partial) < (1 << 20)) {
      Thread.sleep(10);
    }
  }

  void goOn() {
    goOn.countDown();
  }

  /** Bytes of which half can be read at once. */
  private static final class HalfAtFirst extends ByteArrayInputStream {
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
}

package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.layer.LayerOptions.Ownership;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store with a driver, and blobs that come from a map; after each test no thread is left. */
@Needs({"root", "overlay"})
@Timeout(120)
abstract class PullFixture {
  static final ImageReference NAME = ImageReference.parse("registry.example.org/tool:1");

  @TempDir Path directory;
  ExecutorService threads = Executors.newCachedThreadPool();
  StorageDriver driver;
  ImageStore store;

  /** What was asked for, with the offset. */
  final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void open() {
    driver = provider().open(directory.resolve("layers"), StorageOptions.DEFAULTS);
    store = open(driver);
  }

  StorageDriverProvider provider() {
    return new OverlayProvider();
  }

  ImageStore open(StorageDriver with) {
    return ImageStore.open(
        directory.resolve("root"), new DriverUnpacker(with, Ownership.KEEP, Set::of), Set::of);
  }

  @AfterEach
  void endsItsThreads() throws InterruptedException {
    threads.shutdown();
    assertThat(threads.awaitTermination(5, TimeUnit.SECONDS)).as("threads end").isTrue();
    assertThat(driver.recover()).as("drafts that were left").isZero();
    driver.close();
  }

  /** The blobs as they are. */
  BlobSource source(Map<Digest, byte[]> blobs) {
    return new BlobSource() {
      @Override
      public InputStream open(Descriptor blob) throws IOException {
        return open(blob, 0);
      }

      @Override
      public InputStream open(Descriptor blob, long offset) throws IOException {
        asked.add(blob.digest().shortHex() + "+" + offset);
        byte[] bytes = blobs.get(blob.digest());
        if (bytes == null) {
          throw new FileNotFoundException(blob.digest().toString());
        }
        int from = (int) Math.min(offset, bytes.length);
        return new ByteArrayInputStream(bytes, from, bytes.length - from);
      }
    };
  }

  StoredImage pull(ImageBlobs image) {
    return pull(image.manifest(), source(image.blobs()));
  }

  StoredImage pull(Descriptor target, BlobSource source) {
    return pull(target, source, Optional.empty());
  }

  StoredImage pull(
      Descriptor target, BlobSource source, Optional<Consumer<? super TransferProgress>> listener) {
    return pull(target, source, listener, Platform.host());
  }

  StoredImage pull(
      Descriptor target,
      BlobSource source,
      Optional<Consumer<? super TransferProgress>> listener,
      Platform platform) {
    try (ProgressBoard board = ProgressBoard.open(listener, threads)) {
      return store.pull(
          new ImagePull(target, platform, source, "the test's registry", board, threads, 3), NAME);
    }
  }

  /** Names at the root of the image's files. */
  List<String> names(StoredImage image) {
    try (SnapshotTree view = driver.view(image.topLayer().orElseThrow());
        Dir root = Dir.open(view.path())) {
      return root.list();
    }
  }

  List<Path> ingested() {
    return below("content/ingest");
  }

  List<Path> blobs() {
    return below("content/blobs/sha256");
  }

  List<Path> below(String path) {
    try (Stream<Path> files = Files.list(directory.resolve("root").resolve(path))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Neither a blob nor a layer nor what they are made of. */
  void assertNothingIsHere() {
    assertThat(blobs()).isEmpty();
    assertThat(ingested()).isEmpty();
    assertThat(driver.layers()).isEmpty();
    assertThat(below("leases")).allMatch(file -> file.endsWith("gc.lock"));
    assertThat(store.list()).isEmpty();
  }
}

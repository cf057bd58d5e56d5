package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.layer.LayerOptions.Ownership;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull needs of the heap does not grow with the layer. */
@Needs({"root", "overlay"})
class PullMemoryTest {
  private static final long CONTENT = 600L << 20;
  private static final String HEAP = "-Xmx48m";

  @TempDir Path directory;

  @Test
  void layer_ofManyTimesTheHeap_isPulled() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                PullMemoryTest.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).endsWith("pulled " + CONTENT);
  }

  /** The other JVM. */
  public static void main(String[] arguments) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    TarWriter writer = new TarWriter(head);
    writer.entry(TarEntry.file("zeros", CONTENT));
    byte[] header = head.toByteArray();
    long length = header.length + CONTENT + 1024;
    Sha256 sum = new Sha256();
    try (InputStream tar = tar(header)) {
      byte[] buffer = new byte[1 << 16];
      for (int got = tar.read(buffer); got >= 0; got = tar.read(buffer)) {
        sum.update(buffer, 0, got);
      }
    }
    Descriptor layer = new Descriptor(MediaTypes.LAYER, sum.finish(), length);
    ImageBlobs image = new ImageBlobs().layer(layer, new byte[0], layer.digest());
    Descriptor target = image.manifest();
    BlobSource source =
        blob ->
            blob.digest().equals(layer.digest())
                ? tar(header)
                : new ByteArrayInputStream(
                    Optional.ofNullable(image.blobs().get(blob.digest())).orElseThrow());
    Path directory = Path.of(arguments[0]);
    ExecutorService threads = Executors.newCachedThreadPool();
    try (StorageDriver driver =
            new OverlayProvider().open(directory.resolve("layers"), StorageOptions.DEFAULTS);
        ProgressBoard board = ProgressBoard.open(Optional.empty(), threads)) {
      ImageStore store =
          ImageStore.open(
              directory.resolve("root"),
              new DriverUnpacker(driver, Ownership.KEEP, Set::of),
              Set::of);
      store.pull(
          new ImagePull(target, Platform.host(), source, "a generator", board, threads, 3),
          ImageReference.parse("large:1"));
      System.out.println("pulled " + CONTENT);
    } finally {
      threads.shutdown();
    }
  }

  private static InputStream tar(byte[] header) {
    return new SequenceInputStream(new ByteArrayInputStream(header), new Zeros(CONTENT + 1024));
  }

  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long length) {
      this.left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      java.util.Arrays.fill(into, from, from + count, (byte) 0);
      left -= count;
      return count;
    }
  }
}

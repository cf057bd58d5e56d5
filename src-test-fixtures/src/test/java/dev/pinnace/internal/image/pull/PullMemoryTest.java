package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
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
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.Registries;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull needs of the heap does not grow with the layer. */
@Needs({"root", "overlay"})
class PullMemoryTest {
  private static final long CONTENT = 600L << 20;
  private static final int MEMBERS = 200;
  private static final String HEAP = "-Xmx48m";

  @TempDir Path directory;

  @Test
  void layer_ofManyTimesTheHeap_isPulled() throws Exception {
    assertThat(other(directory.toString())).endsWith("pulled " + CONTENT);
  }

  @Test
  void compressedLayer_ofManyTimesTheHeap_isPulledFromARegistry() throws Exception {
    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    new TarWriter(head).entry(TarEntry.file("noise", (long) MEMBERS * noise.length));
    List<byte[]> members = new ArrayList<>();
    members.add(ImageBlobs.gzip(head.toByteArray()));
    members.addAll(Collections.nCopies(MEMBERS, ImageBlobs.gzip(noise)));
    members.add(ImageBlobs.gzip(new byte[1024]));
    List<byte[]> tar = new ArrayList<>(Collections.nCopies(MEMBERS, noise));
    tar.add(0, head.toByteArray());
    tar.add(new byte[1024]);
    long length = members.stream().mapToLong(member -> member.length).sum();
    Descriptor layer = new Descriptor(MediaTypes.LAYER_GZIP, digest(members), length);
    try (TestRegistry registry = TestRegistry.start()) {
      new ImageBlobs()
          .layer(layer, new byte[0], digest(tar))
          .putInto(registry.content(), "large", "1");
      registry.on(
          "GET",
          layer.digest().toString(),
          9,
          wire -> wire.answer(200, joined(members), layer.size()));
      assertThat(other(directory.toString(), registry.address() + "/large:1")).endsWith("pulled 1");
    }
  }

  private static InputStream joined(List<byte[]> parts) {
    return new SequenceInputStream(
        Collections.enumeration(
            parts.stream().map(part -> (InputStream) new ByteArrayInputStream(part)).toList()));
  }

  private static Digest digest(List<byte[]> parts) {
    Sha256 sum = new Sha256();
    parts.forEach(part -> sum.update(part, 0, part.length));
    return sum.finish();
  }

  /** What another JVM says, of little heap. */
  private static String other(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                PullMemoryTest.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** The other JVM: pulls what it generates, or what it is told to. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 1) {
      generate(Path.of(arguments[0]));
      return;
    }
    Path directory = Path.of(arguments[0]);
    try (Pinnace engine =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .registries(Registries.builder().withoutDockerConfig().build())
            .open()) {
      Image image = engine.images().pull(arguments[1]);
      System.out.println("pulled " + image.config().diffIds().size());
    }
  }

  private static void generate(Path directory) throws IOException {
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

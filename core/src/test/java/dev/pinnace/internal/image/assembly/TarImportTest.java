package dev.pinnace.internal.image.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.TestTar;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.storage.vfs.VfsProvider;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.Platform;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

@Timeout(60)
class TarImportTest {
  private static final byte[] TAR = new TestTar().file("etc/x", "x".repeat(10_000)).bytes();

  @TempDir private Path directory;
  private StorageDriver driver;
  private ImageStore store;

  @BeforeEach
  void open() {
    driver =
        new VfsProvider()
            .open(directory.resolve("layers"), StorageOptions.DEFAULTS.withSyncOnCommit(false));
    store =
        ImageStore.open(
            directory.resolve("root"),
            new DriverUnpacker(driver, LayerOptions.Ownership.SQUASH, Set::of),
            Set::of);
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private StoredImage imported(InputStream tar, ImportSpec spec) {
    return store
        .add(
            "import",
            ingest ->
                List.of(new LoadedImage(new TarImport(tar, "-", spec).take(ingest), List.of())))
        .get(0);
  }

  private StoredImage imported(byte[] tar) {
    return imported(new ByteArrayInputStream(tar), ImportSpec.unnamed());
  }

  private interface Compressor {
    OutputStream on(OutputStream out) throws IOException;
  }

  private static byte[] compressed(Compressor compressor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressing = compressor.on(out)) {
      compressing.write(TAR);
    }
    return out.toByteArray();
  }

  private static List<byte[]> everyCompression() throws IOException {
    return List.of(
        compressed(GZIPOutputStream::new),
        Zstd.compress(TAR),
        compressed(BZip2CompressorOutputStream::new),
        compressed(out -> new XZOutputStream(out, new LZMA2Options())));
  }

  @Test
  void take_bombs_areRefusedAndLeaveNothing() throws IOException {
    byte[] zeros = new TestTar().file("zeros", "0".repeat(4 << 20)).bytes();
    byte[] bomb = Zstd.compress(zeros);
    assertThatThrownBy(() -> limited(bomb, new UnpackLimit(1L << 40, 1 << 20, 200)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the stream is refused")
        .hasMessageContaining("as nothing useful does");
    assertThatThrownBy(() -> limited(zeros, new UnpackLimit(1 << 20, 1L << 30, 200)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no room");
    try (var left = Files.walk(directory)) {
      assertThat(left.filter(file -> file.toFile().isFile() && file.toFile().length() > 1 << 20))
          .isEmpty();
    }
    assertThat(limited(bomb, new UnpackLimit(1L << 40, 8 << 20, 200)).config().diffIds())
        .containsExactly(Sha256.of(zeros));
  }

  private StoredImage limited(byte[] tar, UnpackLimit limit) {
    TarImport image =
        new TarImport(new ByteArrayInputStream(tar), "-", ImportSpec.unnamed(), where -> limit);
    return store
        .add("import", ingest -> List.of(new LoadedImage(image.take(ingest), List.of())))
        .get(0);
  }

  @Test
  void take_everyCompression_givesTheSameLayer() throws IOException {
    StoredImage plain = imported(TAR);
    assertThat(plain.config().diffIds()).containsExactly(Sha256.of(TAR));
    assertThat(plain.manifest().layers().get(0).mediaType()).isEqualTo(MediaTypes.LAYER_GZIP);
    for (byte[] tar : everyCompression()) {
      assertThat(imported(tar).manifest().layers()).isEqualTo(plain.manifest().layers());
    }
    assertThat(driver.layers()).containsExactly(Sha256.of(TAR));
  }

  @Test
  void take_damage_leavesNothing() throws IOException {
    for (byte[] tar : everyCompression()) {
      assertThatThrownBy(() -> imported(Arrays.copyOf(tar, tar.length - 9)))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("stream");
    }
    for (byte[] tar :
        List.of(
            new byte[0],
            "<html>no tar</html>".repeat(99).getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(TAR, 700))) {
      assertThatThrownBy(() -> imported(tar)).isInstanceOf(CorruptException.class);
    }
    assertThatThrownBy(() -> imported(new TestTar().file("../x", "x").bytes()))
        .isInstanceOf(InvalidSpecException.class);
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    for (String place : List.of("content/ingest", "content/blobs/sha256", "leases")) {
      try (Stream<Path> left = Files.list(directory.resolve("root").resolve(place))) {
        assertThat(left.map(Path::getFileName).map(Path::toString)).as(place).isSubsetOf("gc.lock");
      }
    }
    assertThat(driver.layers()).isEmpty();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void take_interrupted_leavesNothing() throws IOException {
    InputStream interrupting =
        new ByteArrayInputStream(TAR) {
          @Override
          public synchronized int read(byte[] into, int from, int length) {
            Thread.currentThread().interrupt();
            return super.read(into, from, Math.min(length, 600));
          }
        };
    assertThatThrownBy(() -> imported(interrupting, ImportSpec.unnamed()))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void take_failingStream_isNotTakenForDamage() throws IOException {
    byte[] bzip2 = compressed(BZip2CompressorOutputStream::new);
    InputStream failing =
        new SequenceInputStream(
            new ByteArrayInputStream(bzip2, 0, 20),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("the cable is cut");
              }

              @Override
              public int read(byte[] into, int from, int length) throws IOException {
                return read();
              }
            });
    assertThatThrownBy(() -> imported(failing, ImportSpec.unnamed()))
        .isNotInstanceOf(CorruptException.class)
        .hasMessageContaining("the cable is cut");
  }

  @Test
  void take_describesTheImage() {
    StoredImage image =
        imported(
            new ByteArrayInputStream(TAR),
            ImportSpec.unnamed()
                .withMessage("why")
                .withChange("CMD [\"/x\"]")
                .withChange("ENV A=b")
                .withPlatform(Platform.parse("linux/arm64")));
    assertThat(image.config().config().cmd()).containsExactly("/x");
    assertThat(image.config().config().env()).containsExactly("A=b");
    assertThat(image.config().platform()).hasToString("linux/arm64");
    assertThat(image.config().history().get(0).comment()).isEqualTo("why");
    assertThat(imported(TAR).config().history().get(0).comment()).isEqualTo("Imported from -");
  }
}

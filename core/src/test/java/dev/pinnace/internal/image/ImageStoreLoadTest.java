package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Loads of what docker save writes. */
class ImageStoreLoadTest extends ImageStoreFixture {
  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void load_dockerArchive() throws IOException {
    List<StoredImage> loaded = load(dockerArchive());
    assertThat(loaded).hasSize(1);
    StoredImage image = loaded.get(0);
    assertThat(image.id())
        .hasToString(sha(config("sh", LAYER_1, LAYER_2).getBytes(StandardCharsets.UTF_8)));
    assertThat(image.names())
        .extracting(ImageReference::familiar)
        .containsExactly("tool:1", "tool:latest");
    assertThat(image.config().config().cmd()).containsExactly("sh");
    assertThat(image.config().config().volumes()).containsExactly("/data");
    assertThat(image.config().history().get(0).created().orElseThrow())
        .hasToString("2024-05-01T08:00:00.500Z");
    assertThat(unpacker.list()).containsExactlyInAnyOrderElementsOf(image.config().chainIds());
    assertThat(store.get("tool").id()).isEqualTo(image.id());
    assertThat(store.get("docker.io/library/tool:1").id()).isEqualTo(image.id());
    assertThat(store.get(image.id().shortHex()).id()).isEqualTo(image.id());
    assertThat(store.get(image.id().toString()).id()).isEqualTo(image.id());
    assertThat(store.get("tool@" + image.manifestDigest()).id()).isEqualTo(image.id());
    assertThat(store.list()).containsExactly(image);
    assertThat(directory.resolve("root/leases")).isDirectoryNotContaining("glob:**.lease");
    assertThat(directory.resolve("root/content/ingest")).isEmptyDirectory();
  }

  @Test
  void load_compressedOuterTar() throws IOException {
    byte[] plain = dockerArchive();
    int half = plain.length / 2;
    byte[] members =
        concat(
            gzip(Arrays.copyOf(plain, half)), gzip(Arrays.copyOfRange(plain, half, plain.length)));
    StoredImage first = load(members).get(0);
    StoredImage again = load(Zstd.compress(plain)).get(0);
    assertThat(again).isEqualTo(first);
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void load_compressedLayersAreToldByContent() throws IOException {
    byte[] gz =
        concat(
            gzip(Arrays.copyOf(LAYER_1, 700)),
            gzip(Arrays.copyOfRange(LAYER_1, 700, LAYER_1.length)));
    byte[] zst = Zstd.compress(LAYER_2);
    StoredImage image =
        load(new TestTar()
                .file("1.tar", gz)
                .file("2.tar", zst)
                .file("c.json", config("sh", LAYER_1, LAYER_2))
                .file("manifest.json", "[" + entry("c.json", "\"x\"", "1.tar", "2.tar") + "]")
                .bytes())
            .get(0);
    assertThat(image.manifest().layers())
        .extracting(layer -> layer.mediaType().replaceAll(".*\\.tar", ""))
        .containsExactly("+gzip", "+zstd");
    assertThat(Files.readAllBytes(store.content().path(Sha256.of(gz)))).isEqualTo(gz);
  }

  @Test
  void load_refusesDamage() throws IOException {
    load(dockerArchive()); // something to keep
    byte[] other = new TestTar().file("other", "x").bytes();
    assertRefused(
        new TestTar()
            .file("1.tar", LAYER_1)
            .file("2.tar", other)
            .file("c.json", config("sh", other, LAYER_2))
            .file("manifest.json", "[" + entry("c.json", "\"x\"", "2.tar", "1.tar") + "]")
            .bytes(),
        CorruptException.class,
        "layer 1.tar",
        "diffID");
    byte[] good =
        new TestTar()
            .file("1.tar", other)
            .file("c.json", config("sh", other))
            .file("manifest.json", "[" + entry("c.json", "\"x\"", "1.tar") + "]")
            .bytes();
    assertRefused(Arrays.copyOf(good, 700), CorruptException.class, "truncated", "1.tar");
    byte[] squeezed = gzip(good);
    assertRefused(
        Arrays.copyOf(squeezed, squeezed.length - 9), CorruptException.class, "ends early");
    squeezed[squeezed.length - 6] ^= 1;
    assertRefused(squeezed, CorruptException.class, "checksum");
    byte[] frame = Zstd.compress(good);
    assertRefused(Arrays.copyOf(frame, frame.length - 3), CorruptException.class, "damaged");
    byte[] inner = gzip(other);
    assertRefused(
        new TestTar()
            .file("1.tar", Arrays.copyOf(inner, inner.length - 10))
            .file("c.json", config("sh", other))
            .file("manifest.json", "[" + entry("c.json", "\"x\"", "1.tar") + "]")
            .bytes(),
        CorruptException.class,
        "layer 1.tar",
        "ends early");
  }

  @Test
  void load_refusesWhatIsNoArchive() throws IOException {
    assertRefused(new byte[0], InvalidSpecException.class, "not an image archive");
    assertRefused(
        "PK\3\4 something".getBytes(StandardCharsets.UTF_8),
        InvalidSpecException.class,
        "not a tar");
    assertRefused(
        new TestTar().file("hello", "x").bytes(), InvalidSpecException.class, "manifest.json");
    assertRefused(
        new TestTar().file("repositories", "{}").bytes(),
        InvalidSpecException.class,
        "before 1.10");
    assertThatThrownBy(() -> store.load(directory.resolve("absent.tar")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("absent.tar");
  }

  @Test
  void load_refusesHostileDocuments() throws IOException {
    String deep = "[".repeat(100_000);
    assertRefused(
        new TestTar().file("manifest.json", deep).bytes(), CorruptException.class, "manifest.json");
    assertRefused(
        new TestTar().file("manifest.json", "{}").bytes(),
        CorruptException.class,
        "not a JSON array");
    assertRefused(
        new TestTar().file("manifest.json", "[{\"Config\":1}]").bytes(),
        CorruptException.class,
        "Config is not a string");
    assertRefused(
        new TestTar().file("manifest.json", " ".repeat((4 << 20) + 1)).bytes(),
        CorruptException.class,
        "limit");
    assertRefused(
        new TestTar().file("manifest.json", "[{\"Config\":\"a\",\"Config\":\"b\"}]").bytes(),
        CorruptException.class,
        "Config");
    assertRefused(
        new TestTar().file("manifest.json", "[" + entry("../../etc/passwd", "") + "]").bytes(),
        CorruptException.class,
        "leads outside");
    assertRefused(
        new TestTar().file("/etc/passwd", "x").file("manifest.json", "[]").bytes(),
        CorruptException.class,
        "/etc/passwd",
        "leads outside");
    assertRefused(
        new TestTar()
            .symlink("c.json", "/etc/passwd")
            .file("manifest.json", "[" + entry("c.json", "") + "]")
            .bytes(),
        CorruptException.class,
        "leads outside");
    assertRefused(
        new TestTar()
            .symlink("a", "b")
            .symlink("b", "a")
            .file("manifest.json", "[" + entry("a", "") + "]")
            .bytes(),
        CorruptException.class,
        "leads nowhere");
    assertRefused(
        new TestTar()
            .file("c.json", config("sh"))
            .file("manifest.json", "[" + entry("c.json", "\"Not Valid\"") + "]")
            .bytes(),
        CorruptException.class,
        "names an image wrongly");
    assertRefused(
        new TestTar()
            .file("0".repeat(64) + ".json", config("sh"))
            .file("manifest.json", "[" + entry("0".repeat(64) + ".json", "") + "]")
            .bytes(),
        CorruptException.class,
        "not that of its name");
    assertRefused(
        new TestTar().entry("huge", '0', "", new byte[0], 07777777777L).bytes(),
        CorruptException.class,
        "truncated");
    assertRefused(
        new TestTar().entry("gigantic", '0', "", new byte[0], Long.MAX_VALUE - 1024).bytes(),
        CorruptException.class,
        "gigantic");
  }
}

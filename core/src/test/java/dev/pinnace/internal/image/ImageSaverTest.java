package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.SaveOptions.Format;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSaverTest {
  private static final byte[] TAR_1 = new TestTar().file("etc/one", "1").bytes();
  private static final byte[] TAR_2 = new TestTar().file("etc/two", "2".repeat(5000)).bytes();

  @TempDir private Path directory;
  private ImageStore store;
  private ImageSaver saver;

  @BeforeEach
  void open() throws IOException {
    store = store("root");
    saver = new ImageSaver(store);
    load("a", gzip(TAR_1), gzip(TAR_2));
    load("b", gzip(TAR_1));
    store.tag("tool:a", ImageReference.parse("ghcr.io/ann/tool:1"));
  }

  private ImageStore store(String name) {
    return ImageStore.open(directory.resolve(name), new MemoryUnpacker(), Set::of);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** An image {@code tool:NAME}, through a docker-archive. */
  private void load(String name, byte[]... layers) {
    TestTar tar = new TestTar();
    StringBuilder diffIds = new StringBuilder();
    StringBuilder paths = new StringBuilder();
    byte[][] plain = {TAR_1, TAR_2};
    for (int i = 0; i < layers.length; i++) {
      diffIds.append(i == 0 ? "\"" : ",\"").append(Sha256.of(plain[i])).append('"');
      paths.append(i == 0 ? "\"" : ",\"").append(i).append(".tar\"");
      tar.file(i + ".tar", layers[i]);
    }
    tar.file(
        "c.json",
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\""
            + name
            + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
            + diffIds
            + "]}}");
    tar.file(
        "manifest.json",
        "[{\"Config\":\"c.json\",\"RepoTags\":[\"tool:"
            + name
            + "\"],\"Layers\":["
            + paths
            + "]}]");
    store.load(new ByteArrayInputStream(tar.bytes()));
  }

  private byte[] saved(Format format, String... references) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    saver.save(List.of(references), out, SaveOptions.of(format));
    return out.toByteArray();
  }

  @Test
  void save_everyFormat_loadsAsTheSameImagesAndNames() throws IOException {
    for (Format format : Format.values()) {
      Path target = directory.resolve("saved-" + format);
      saver.save(List.of("tool:b", "ghcr.io/ann/tool:1", "tool:a"), target, SaveOptions.of(format));
      ImageStore other = store("other-" + format);
      List<StoredImage> loaded = other.load(target);
      assertThat(loaded)
          .as(format.toString())
          .extracting(StoredImage::target)
          .containsExactlyInAnyOrder(store.get("tool:a").target(), store.get("tool:b").target());
      assertThat(loaded)
          .flatExtracting(StoredImage::names)
          .extracting(ImageReference::toString)
          .containsExactlyInAnyOrder(
              "docker.io/library/tool:a", "docker.io/library/tool:b", "ghcr.io/ann/tool:1");
      for (StoredImage image : loaded) {
        for (var layer : image.manifest().layers()) {
          assertThat(other.content().path(layer.digest()))
              .hasSameBinaryContentAs(store.content().path(layer.digest()));
        }
      }
    }
  }

  @Test
  void save_again_isTheSameBytes() {
    for (Format format : List.of(Format.DOCKER_ARCHIVE, Format.OCI_ARCHIVE)) {
      assertThat(saved(format, "tool:a", "tool:b")).isEqualTo(saved(format, "tool:a", "tool:b"));
    }
  }

  @Test
  void save_whatIsAskedFor_isNamedSo() {
    ImageStore other = store("other");
    byte[] all = saved(Format.DOCKER_ARCHIVE, "tool");
    assertThat(other.load(new ByteArrayInputStream(all)))
        .flatExtracting(StoredImage::names)
        .extracting(ImageReference::familiar)
        .containsExactlyInAnyOrder("tool:a", "tool:b");
    Digest id = store.get("tool:a").id();
    for (String byId : List.of(id.toString(), id.shortHex())) {
      ImageStore nameless = store("nameless-" + byId.length());
      StoredImage loaded =
          nameless.load(new ByteArrayInputStream(saved(Format.DOCKER_ARCHIVE, byId))).get(0);
      assertThat(loaded.id()).isEqualTo(id);
      assertThat(loaded.names()).isEmpty();
    }
  }

  @Test
  void save_zstdForDocker_isUncompressed() throws IOException {
    load("z", Zstd.compress(TAR_1), gzip(TAR_2));
    StoredImage image = store.get("tool:z");
    StoredImage docker =
        store("docker")
            .load(new ByteArrayInputStream(saved(Format.DOCKER_ARCHIVE, "tool:z")))
            .get(0);
    assertThat(docker.id()).isEqualTo(image.id());
    assertThat(docker.manifest().layers().get(0).digest()).isEqualTo(Sha256.of(TAR_1));
    assertThat(docker.manifest().layers().get(1)).isEqualTo(image.manifest().layers().get(1));
    assertThat(
            store("oci")
                .load(new ByteArrayInputStream(saved(Format.OCI_ARCHIVE, "tool:z")))
                .get(0)
                .target())
        .isEqualTo(image.target());
  }

  @Test
  void save_damageAndLoss_areSaidAndLeaveNoFile() throws IOException {
    Path blob = store.content().path(store.get("tool:b").manifest().layers().get(0).digest());
    byte[] bytes = Files.readAllBytes(blob);
    Path target = directory.resolve("out.tar");
    Files.writeString(target, "what was there");
    byte[] flipped = bytes.clone();
    flipped[20] ^= 1;
    for (byte[] damaged : List.of(flipped, new byte[3])) {
      Files.write(blob, damaged);
      assertThatThrownBy(() -> saver.save(List.of("tool:b"), target, SaveOptions.defaults()))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("load or pull");
    }
    Files.delete(blob);
    assertThatThrownBy(() -> saver.save(List.of("tool:b"), target, SaveOptions.defaults()))
        .isInstanceOf(CorruptException.class);
    assertThat(target).hasContent("what was there");
    assertThat(children(directory)).containsExactlyInAnyOrder("root", "out.tar");
  }

  private static List<String> children(Path path) throws IOException {
    try (Stream<Path> children = Files.list(path)) {
      return children.map(child -> String.valueOf(child.getFileName())).toList();
    }
  }

  @Test
  void save_wrongRequests_areRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Path full = directory.resolve("full");
    Files.createDirectories(full.resolve("x"));
    OutputStream nowhere = OutputStream.nullOutputStream();
    assertThatThrownBy(() -> saver.save(List.of(), nowhere, SaveOptions.defaults()))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> saved(Format.DOCKER_ARCHIVE, "tool:a", "none:1"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("none:1");
    assertThatThrownBy(() -> saved(Format.OCI_DIRECTORY, "tool:a"))
        .isInstanceOf(InvalidSpecException.class);
    for (Path taken : List.of(file, full)) {
      assertThatThrownBy(
              () -> saver.save(List.of("tool:a"), taken, SaveOptions.of(Format.OCI_DIRECTORY)))
          .isInstanceOf(ConflictException.class);
    }
    assertThatThrownBy(() -> saver.save(List.of("tool:a"), full, SaveOptions.defaults()))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(
            () ->
                saver.save(
                    List.of("tool:a"), directory.resolve("no/x.tar"), SaveOptions.defaults()))
        .isInstanceOf(NotFoundException.class);
    assertThat(file).hasContent("x");
  }

  @Test
  void save_interruptedOrFailing_leavesNothing() throws IOException {
    Path target = directory.resolve("out.tar");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> saver.save(List.of("tool:a"), target, SaveOptions.defaults()))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(
            () -> saver.save(List.of("tool:a"), Path.of("/dev/full"), SaveOptions.defaults()))
        .hasMessageContaining("No space left");
    assertThat(children(directory)).containsExactly("root");
    assertThat(children(directory.resolve("root/leases"))).containsExactly("gc.lock");
    assertThat(new String(saved(Format.DOCKER_ARCHIVE, "tool:a"), StandardCharsets.ISO_8859_1))
        .contains("manifest.json");
  }
}

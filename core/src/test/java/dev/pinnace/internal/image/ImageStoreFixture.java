package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store, and archives for it. */
abstract class ImageStoreFixture {
  static final byte[] LAYER_1 = new TestTar().file("etc/one", "1").bytes();
  static final byte[] LAYER_2 = new TestTar().file("etc/two", "2".repeat(5000)).bytes();
  @TempDir Path directory;
  final MemoryUnpacker unpacker = new MemoryUnpacker();
  final Set<Digest> inUse = new TreeSet<>();
  ImageStore store;
  Path archive;

  @BeforeEach
  void open() {
    store = ImageStore.open(directory.resolve("root"), unpacker, () -> inUse);
    archive = directory.resolve("My Image.tar");
  }

  @AfterEach
  void stopListening() {
    FaultPoints.listen(point -> {});
  }

  static String sha(byte[] bytes) {
    return Sha256.of(bytes).toString();
  }

  static String config(String cmd, byte[]... tars) {
    String diffIds = String.join(",", Arrays.stream(tars).map(t -> "\"" + sha(t) + "\"").toList());
    return "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=b\"],\"Cmd\":[\""
        + cmd
        + "\"],\"Entrypoint\":null,\"Volumes\":{\"/data\":{}}},\"rootfs\":{\"type\":\"layers\","
        + "\"diff_ids\":["
        + diffIds
        + "]},\"history\":[{\"created\":\"2024-05-01T10:00:00.5+02:00\",\"created_by\":\"x\"}]}";
  }

  static String entry(String config, String tags, String... layers) {
    return "{\"Config\":\""
        + config
        + "\",\"RepoTags\":["
        + tags
        + "],\"Layers\":["
        + String.join(",", Stream.of(layers).map(l -> "\"" + l + "\"").toList())
        + "]}";
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  byte[] dockerArchive() {
    return new TestTar()
        .file("a/layer.tar", LAYER_1)
        .file("b/layer.tar", LAYER_2)
        .symlink("c/layer.tar", "../b/layer.tar")
        .file("c.json", config("sh", LAYER_1, LAYER_2))
        .file(
            "manifest.json",
            "[" + entry("c.json", "\"tool:1\",\"tool\"", "a/layer.tar", "c/layer.tar") + "]")
        .bytes();
  }

  List<StoredImage> load(byte[] bytes) throws IOException {
    Files.write(archive, bytes);
    return store.load(archive);
  }

  /** Every file below the root with its content's digest; locks are not content. */
  Map<String, String> snapshot() throws IOException {
    Map<String, String> files = new TreeMap<>();
    Path root = directory.resolve("root");
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith(".lock")) {
          files.put(root.relativize(file).toString(), sha(Files.readAllBytes(file)));
        }
      }
    }
    return files;
  }

  void assertRefused(byte[] bytes, Class<? extends PinnaceException> as, String... words)
      throws IOException {
    Map<String, String> before = snapshot();
    Set<Digest> layers = unpacker.list();
    assertThatThrownBy(() -> load(bytes))
        .isInstanceOf(as)
        .hasMessageContainingAll(words)
        .hasMessageContaining("My Image.tar");
    assertThat(snapshot()).isEqualTo(before);
    assertThat(unpacker.list()).isEqualTo(layers);
  }

  static String descriptor(String type, byte[] blob, String more) {
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + sha(blob)
        + "\",\"size\":"
        + blob.length
        + more
        + "}";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static final String OCI = "application/vnd.oci.image.";

  static byte[] index(String... entries) {
    return utf8("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
  }

  static TestTar layout(byte[] index, byte[]... blobs) {
    TestTar tar =
        new TestTar()
            .file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
            .file("index.json", index);
    for (byte[] blob : blobs) {
      tar.file("blobs/sha256/" + Sha256.of(blob).hex(), blob);
    }
    return tar;
  }
}

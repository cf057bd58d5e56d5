package dev.pinnace.internal.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.TestTar;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that images of one archive share are read once. */
class SharedLayersTest {
  private static final byte[] BASE = new TestTar().file("base", "1").bytes();

  @TempDir private Path directory;
  private final Map<String, byte[]> files = new HashMap<>();
  private final List<String> opened = new ArrayList<>();

  private String put(String path, String text) {
    return put(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private String put(String path, byte[] bytes) {
    Digest digest = Sha256.of(bytes);
    files.put(path.isEmpty() ? "blobs/sha256/" + digest.hex() : path, bytes);
    return "{\"digest\":\"" + digest + "\",\"size\":" + bytes.length + ",\"mediaType\":\"";
  }

  private static String config(String command) {
    return "{\"architecture\":\""
        + Platform.host().architecture()
        + "\",\"os\":\"linux\",\"config\":{\"Cmd\":[\""
        + command
        + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
        + Sha256.of(BASE)
        + "\"]}}";
  }

  private LayerIngest ingest(Lease lease, ContentStore store) {
    return new LayerIngest(store, new SetUnpacker(), lease);
  }

  @Test
  void dockerArchive() throws IOException {
    put("base.tar", BASE);
    put("a.json", config("a"));
    put("b.json", config("b"));
    String image = "{\"Config\":\"%s.json\",\"RepoTags\":[\"%s:1\"],\"Layers\":[\"base.tar\"]}";
    put("manifest.json", "[" + image.formatted("a", "a") + "," + image.formatted("b", "b") + "]");
    ContentStore store = ContentStore.open(directory);
    try (Lease lease = store.lease()) {
      assertThat(
              new DockerArchiveReader(new Memory(), ingest(lease, store), Optional.empty()).read())
          .hasSize(2);
    }
    assertThat(opened).containsOnlyOnce("base.tar");
  }

  @Test
  void dockerArchive_listsAnImageAgainAndAgain_isReadOnceAndHasAllNames() throws IOException {
    put("base.tar", BASE);
    put("a.json", config("a"));
    put("manifest.json", listedAgainAndAgain("a.json"));
    ContentStore store = ContentStore.open(directory);
    try (Lease lease = store.lease()) {
      List<LoadedImage> images =
          new DockerArchiveReader(new Memory(), ingest(lease, store), Optional.empty()).read();
      assertThat(images).singleElement().satisfies(image -> assertThat(image.names()).hasSize(50));
    }
    assertThat(opened.stream().filter("base.tar"::equals)).hasSize(1);
    assertThat(opened.stream().filter("a.json"::equals)).hasSize(1);
  }

  private static String listedAgainAndAgain(String config) {
    return IntStream.range(0, 100)
        .mapToObj(
            i ->
                "{\"Config\":\"%s\",\"RepoTags\":[\"a:%d\"],\"Layers\":[\"base.tar\"]}"
                    .formatted(config, i / 2))
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Test
  void moreLayersThanCanBeMounted_areRefusedBeforeAnyIsRead() throws IOException {
    String ids = ("\"" + Sha256.of(BASE) + "\",").repeat(501);
    put("base.tar", BASE);
    put(
        "a.json",
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
            + ids.substring(0, ids.length() - 1)
            + "]}}");
    String layers = "\"base.tar\",".repeat(501);
    put(
        "manifest.json",
        "[{\"Config\":\"a.json\",\"RepoTags\":[\"a:1\"],\"Layers\":["
            + layers.substring(0, layers.length() - 1)
            + "]}]");
    ContentStore store = ContentStore.open(directory);
    try (Lease lease = store.lease()) {
      DockerArchiveReader reader =
          new DockerArchiveReader(new Memory(), ingest(lease, store), Optional.empty());
      assertThatThrownBy(reader::read)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("501 layers");
    }
    assertThat(opened).doesNotContain("base.tar");
  }

  @Test
  void layout_besideAManifestOfDockers_readsEachConfigurationOnce() throws IOException {
    String layer = put("", BASE) + MediaTypes.LAYER + "\"}";
    String config = put("", config("a")) + MediaTypes.CONFIG + "\"}";
    String path = "blobs/sha256/" + Sha256.of(config("a").getBytes(StandardCharsets.UTF_8)).hex();
    String manifest = "{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + layer + "]}";
    String entry = put("", manifest) + MediaTypes.MANIFEST + "\"}";
    put("index.json", "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
    put("manifest.json", listedAgainAndAgain(path));
    assertThat(readLayout("1.1.0"))
        .singleElement()
        .satisfies(image -> assertThat(image.names()).hasSize(50));
    assertThat(opened.stream().filter(path::equals)).as("its names, itself").hasSize(2);
  }

  private List<LoadedImage> readLayout(String version) throws IOException {
    put("oci-layout", "{\"imageLayoutVersion\":\"" + version + "\"}");
    ContentStore store = ContentStore.open(directory);
    try (Lease lease = store.lease()) {
      return new LayoutReader(
              new Memory(), ingest(lease, store), Optional.empty(), Optional.of("archive"))
          .read();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9.0", "2.0.0", "1", "1.0", "1.0.0-rc1", "latest\\n"})
  void layout_ofAnotherVersion_isRefused(String version) {
    put("index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
    assertThatThrownBy(() -> readLayout(version))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("oci-layout of archive says that it has version \"")
        .hasMessageContaining("only 1.x.y is known")
        .hasMessageNotContaining("\n");
  }

  @Test
  void layout_withoutVersion_isRefused() {
    put("index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
    assertThatThrownBy(() -> readLayout(""))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("oci-layout of archive.imageLayoutVersion is missing");
  }

  @Test
  void layout() throws IOException {
    String layer = put("", BASE) + MediaTypes.LAYER + "\"}";
    List<String> manifests = new ArrayList<>();
    for (String command : List.of("a", "b")) {
      String config = put("", config(command)) + MediaTypes.CONFIG + "\"}";
      String manifest =
          "{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + layer + "]}";
      manifests.add(put("", manifest) + MediaTypes.MANIFEST + "\"}");
    }
    put("index.json", "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", manifests) + "]}");
    assertThat(readLayout("1.0.0")).hasSize(2);
    assertThat(opened).containsOnlyOnce("blobs/sha256/" + Sha256.of(BASE).hex());
  }

  private final class Memory implements ArchiveFiles {
    @Override
    public String name() {
      return "archive";
    }

    @Override
    public boolean has(String path) {
      return files.containsKey(path);
    }

    @Override
    public InputStream open(String path) {
      opened.add(path);
      return new ByteArrayInputStream(Objects.requireNonNull(files.get(path), path));
    }

    @Override
    public void close() {}
  }

  private static final class SetUnpacker implements LayerUnpacker {
    private final Set<Digest> layers = new HashSet<>();

    @Override
    public boolean has(Digest chainId) {
      return layers.contains(chainId);
    }

    @Override
    public Set<Digest> list() {
      return layers;
    }

    @Override
    public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar) {
      layers.add(chainId);
    }

    @Override
    public long space(Digest chainId) {
      return 0;
    }

    @Override
    public long removeAll(Set<Digest> chainIds) {
      return 0;
    }
  }
}

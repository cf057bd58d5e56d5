package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageStoreTest {
  private static final byte[] LAYER_1 = new TestTar().file("etc/one", "1").bytes();
  private static final byte[] LAYER_2 = new TestTar().file("etc/two", "2".repeat(5000)).bytes();

  @TempDir private Path directory;
  private final MemoryUnpacker unpacker = new MemoryUnpacker();
  private final Set<Digest> inUse = new TreeSet<>();
  private ImageStore store;
  private Path archive;

  @BeforeEach
  void open() {
    store = ImageStore.open(directory.resolve("root"), unpacker, () -> inUse);
    archive = directory.resolve("My Image.tar");
  }

  @AfterEach
  void stopListening() {
    FaultPoints.listen(point -> {});
  }

  private static String sha(byte[] bytes) {
    return Sha256.of(bytes).toString();
  }

  private static String config(String cmd, byte[]... tars) {
    String diffIds = String.join(",", Arrays.stream(tars).map(t -> "\"" + sha(t) + "\"").toList());
    return "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=b\"],\"Cmd\":[\""
        + cmd
        + "\"],\"Entrypoint\":null,\"Volumes\":{\"/data\":{}}},\"rootfs\":{\"type\":\"layers\","
        + "\"diff_ids\":["
        + diffIds
        + "]},\"history\":[{\"created\":\"2024-05-01T10:00:00.5+02:00\",\"created_by\":\"x\"}]}";
  }

  private static String entry(String config, String tags, String... layers) {
    return "{\"Config\":\""
        + config
        + "\",\"RepoTags\":["
        + tags
        + "],\"Layers\":["
        + String.join(",", Stream.of(layers).map(l -> "\"" + l + "\"").toList())
        + "]}";
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private byte[] dockerArchive() {
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

  private static byte[] other(String name) {
    return new TestTar()
        .file("1.tar", LAYER_1)
        .file("c.json", config("bash", LAYER_1))
        .file("manifest.json", "[" + entry("c.json", "\"" + name + "\"", "1.tar") + "]")
        .bytes();
  }

  private List<StoredImage> load(byte[] bytes) throws IOException {
    Files.write(archive, bytes);
    return store.load(archive);
  }

  /** Every file below the root with its content's digest; locks are not content. */
  private Map<String, String> snapshot() throws IOException {
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

  private void assertRefused(byte[] bytes, Class<? extends PinnaceException> as, String... words)
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

  @Test
  void tagAndRemove_asDockerDoes() throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    store.tag("tool", ImageReference.parse("ghcr.io/ann/copy"));
    assertThat(store.get("ghcr.io/ann/copy").id()).isEqualTo(image.id());
    assertThatThrownBy(() -> store.remove(image.id().shortHex(), false, any -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("ghcr.io/ann/copy:latest");
    assertThat(store.remove("tool:1", false, any -> {}).deleted()).isEmpty();
    assertThat(store.remove("ghcr.io/ann/copy", false, any -> {}).deleted()).isEmpty();
    assertThat(store.remove("tool", false, any -> {}).deleted()).contains(image.id());
    assertThat(store.list()).isEmpty();
    assertThatThrownBy(() -> store.get("tool")).isInstanceOf(NotFoundException.class);
  }

  /** One configuration in two manifests, whose layers are compressed or not. */
  private StoredImage loadTwice() throws IOException {
    StoredImage plain = load(dockerArchive()).get(0);
    byte[] config = utf8(config("sh", LAYER_1, LAYER_2));
    byte[] one = gzip(LAYER_1);
    byte[] two = gzip(LAYER_2);
    byte[] manifest =
        utf8(
            "{\"schemaVersion\":2,\"config\":"
                + descriptor(OCI + "config.v1+json", config, "")
                + ",\"layers\":["
                + descriptor(OCI + "layer.v1.tar+gzip", one, "")
                + ","
                + descriptor(OCI + "layer.v1.tar+gzip", two, "")
                + "]}");
    String name = ",\"annotations\":{\"io.containerd.image.name\":\"ghcr.io/ann/zipped:1\"}";
    byte[] index = index(descriptor(OCI + "manifest.v1+json", manifest, name));
    StoredImage zipped = load(layout(index, config, one, two, manifest).bytes()).get(0);
    assertThat(zipped.id()).isEqualTo(plain.id());
    assertThat(zipped.manifestDigest()).isNotEqualTo(plain.manifestDigest());
    return plain;
  }

  @Test
  void remove_byAnIdOfTwoManifests_takesBothOrNone() throws IOException {
    String id = loadTwice().id().shortHex();
    assertThatThrownBy(() -> store.remove(id, false, any -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("tool:1")
        .hasMessageContaining("ghcr.io/ann/zipped:1");
    assertThat(store.list()).hasSize(2);
    ImageStore.Removal removal = store.remove(id, true, any -> {});
    assertThat(removal.untagged())
        .extracting(ImageReference::familiar)
        .containsExactlyInAnyOrder("tool:1", "tool:latest", "ghcr.io/ann/zipped:1");
    assertThat(removal.deleted()).isPresent();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void remove_ofTheLastNameOfOneOfTwoManifests_deletesNoId() throws IOException {
    StoredImage plain = loadTwice();
    assertThat(store.remove("ghcr.io/ann/zipped:1", false, any -> {}).deleted()).isEmpty();
    assertThat(store.get(plain.id().shortHex()).names()).isEqualTo(plain.names());
    store.remove("tool:1", false, any -> {});
    assertThat(store.remove("tool", false, any -> {}).deleted()).contains(plain.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-name-that-has-as-many-characters-as-an-id-but-is-none-00000000",
        "sha256:mine",
      })
  void remove_byANameLikeAnId_takesThatNameAlone(String name) throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    store.tag("tool:1", ImageReference.parse(name));
    ImageStore.Removal removal = store.remove(name, true, any -> {});
    assertThat(removal.untagged()).containsExactly(ImageReference.parse(name).withDefaultTag());
    assertThat(removal.deleted()).isEmpty();
    assertThat(store.get("tool:1").names()).hasSize(2).isEqualTo(image.names());
  }

  @Test
  void remove_ofANameThatMovesMeanwhile_isDecidedAnew() throws IOException {
    StoredImage old = load(dockerArchive()).get(0);
    byte[] next =
        new TestTar()
            .file("1.tar", LAYER_1)
            .file("c.json", config("bash", LAYER_1))
            .file("manifest.json", "[" + entry("c.json", "\"next:1\"", "1.tar") + "]")
            .bytes();
    StoredImage young = load(next).get(0);
    List<Digest> checked = new ArrayList<>();
    ImageStore.Removal removal =
        store.remove(
            "tool:1",
            false,
            image -> {
              checked.add(image.id());
              if (checked.size() == 1) {
                StoredImage unused = store.tag("next:1", ImageReference.parse("tool:1"));
              }
            });
    assertThat(checked).containsExactly(old.id(), young.id());
    assertThat(removal.deleted()).isEmpty();
    assertThat(store.get("next:1").id()).isEqualTo(young.id());
    assertThatThrownBy(() -> store.get("tool:1")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void load_movesNamesAndKeepsTheLoserNameless() throws IOException {
    StoredImage old = load(dockerArchive()).get(0);
    byte[] next =
        new TestTar()
            .file("1.tar", LAYER_1)
            .file("c.json", config("bash", LAYER_1))
            .file("manifest.json", "[" + entry("c.json", "\"tool:1\",\"tool\"", "1.tar") + "]")
            .bytes();
    StoredImage young = load(next).get(0);
    assertThat(store.get("tool").id()).isEqualTo(young.id());
    assertThat(store.get(old.id().shortHex()).names()).isEmpty();
    assertThat(store.list()).hasSize(2);
    assertThat(store.remove(old.id().shortHex(), false, any -> {}).deleted()).contains(old.id());
    store.collect();
    assertThat(unpacker.list()).containsExactlyElementsOf(young.config().chainIds());
    assertThat(store.get("tool").names()).hasSize(2);
  }

  @Test
  void collect_keepsWhatIsReachableLeasedOrInUse() throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    assertThat(store.collect()).isZero();
    store.remove(image.id().toString(), true, any -> {});
    try (var lease = store.content().lease()) {
      lease.pin(image.manifestDigest());
      lease.pin(image.config().chainIds().get(1));
      store.collect();
      assertThat(store.content().has(image.manifestDigest())).isTrue();
      assertThat(store.content().has(image.id())).isFalse();
      assertThat(unpacker.list()).hasSize(2); // the upper layer is pinned, the lower one below it
    }
    inUse.addAll(image.config().chainIds().subList(0, 1));
    store.collect();
    inUse.clear();
    assertThat(unpacker.list()).containsExactly(image.config().chainIds().get(0));
    store.collect();
    assertThat(unpacker.list()).isEmpty();
    assertThat(directory.resolve("root/content/blobs/sha256")).isEmptyDirectory();
  }

  @Test
  @Timeout(30)
  void collect_whileFilesAreDeleted_keepsNobodyWaiting() throws IOException {
    store.remove(load(dockerArchive()).get(0).id().toString(), true, any -> {});
    load(other("tool:2"));
    AtomicInteger deletions = new AtomicInteger();
    unpacker.whenDeleting(
        () -> {
          store.lease().close();
          StoredImage unused = store.tag("tool:2", ImageReference.parse("copy:2"));
          deletions.incrementAndGet();
        });
    store.collect();
    assertThat(deletions).hasValue(1);
    assertThat(store.get("copy:2").names()).hasSize(2);
  }

  @Test
  void tag_ofWhatIsRemovedMeanwhile_isRefused() throws IOException {
    load(dockerArchive());
    StoredImage image = load(other("tool:2")).get(0);
    FaultPoints.listen(
        point -> {
          if (point.equals("image to tag found")) {
            store.remove("tool:2", false, any -> {});
            store.collect();
          }
        });
    assertThatThrownBy(() -> store.tag("tool:2", ImageReference.parse("copy:2")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("tool:2");
    assertThat(store.content().has(image.manifestDigest())).isFalse();
    assertThat(store.list()).hasSize(1);
    assertThatThrownBy(() -> store.get("copy:2")).isInstanceOf(NotFoundException.class);
  }

  private static String descriptor(String type, byte[] blob, String more) {
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + sha(blob)
        + "\",\"size\":"
        + blob.length
        + more
        + "}";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final String OCI = "application/vnd.oci.image.";

  private static byte[] manifest(byte[] config, byte[] layer) {
    return utf8(
        "{\"schemaVersion\":2,\"config\":"
            + descriptor(OCI + "config.v1+json", config, "")
            + ",\"layers\":["
            + descriptor(OCI + "layer.v1.tar+gzip", layer, "")
            + "]}");
  }

  private static byte[] index(String... entries) {
    return utf8("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
  }

  private static TestTar layout(byte[] index, byte[]... blobs) {
    TestTar tar =
        new TestTar()
            .file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
            .file("index.json", index);
    for (byte[] blob : blobs) {
      tar.file("blobs/sha256/" + Sha256.of(blob).hex(), blob);
    }
    return tar;
  }

  @Test
  void load_ociLayoutChoosesThePlatformAndKeepsTheIndex() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    byte[] absent = utf8("{}");
    byte[] nested =
        index(
            descriptor(
                OCI + "manifest.v1+json",
                absent,
                ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
            descriptor(
                OCI + "manifest.v1+json",
                absent,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}"),
            descriptor(
                OCI + "manifest.v1+json",
                manifest,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"riscv64\"}"));
    byte[] top =
        index(
            descriptor(
                OCI + "index.v1+json",
                nested,
                ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1.0\"}"));
    Files.write(archive, layout(top, layer, config, manifest, nested).bytes());
    StoredImage image = store.load(archive, Platform.parse("linux/riscv64")).get(0);
    assertThat(image.target().digest()).isEqualTo(Sha256.of(nested));
    assertThat(image.manifestDigest()).isEqualTo(Sha256.of(manifest));
    assertThat(image.names())
        .extracting(ImageReference::familiar)
        .containsExactly("localhost/my-image:1.0");
    assertThat(store.get("localhost/my-image@" + Sha256.of(nested)).id()).isEqualTo(image.id());
    store.collect();
    assertThat(store.get("localhost/my-image:1.0").id()).isEqualTo(Sha256.of(config));
    assertThatThrownBy(() -> store.load(archive, Platform.parse("linux/ppc64le")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContainingAll("linux/ppc64le", "linux/s390x, linux/riscv64");
  }

  @Test
  void load_bareTagOfWhatHasNoFileName_isNoName() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    String latest = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}";
    byte[] top = index(descriptor(OCI + "manifest.v1+json", manifest, latest));
    Files.write(archive, layout(top, layer, config, manifest).bytes());
    assertThat(store.load(new ByteArrayInputStream(Files.readAllBytes(archive))).get(0).names())
        .isEmpty();
    assertThat(store.list()).hasSize(1);
    assertThat(store.load(archive, Platform.host()).get(0).names())
        .extracting(ImageReference::familiar)
        .containsExactly("localhost/my-image:latest");
    assertThat(store.load(new ByteArrayInputStream(Files.readAllBytes(archive))).get(0).names())
        .as("names that the archive does not have")
        .isEmpty();
  }

  @Test
  void load_emptyStream_isSaid() throws IOException {
    Files.write(archive, new byte[0]);
    assertThatThrownBy(() -> store.load(new ByteArrayInputStream(Files.readAllBytes(archive))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("the stream is not an image archive: it is empty");
  }

  @Test
  void load_ociLayoutRefusesLies() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    String entry = descriptor(OCI + "manifest.v1+json", manifest, "");
    byte[] damaged = layer.clone();
    damaged[damaged.length - 12] ^= 1;
    TestTar wrongDigest =
        layout(index(entry), config, manifest)
            .file("blobs/sha256/" + Sha256.of(layer).hex(), damaged);
    assertRefused(wrongDigest.bytes(), CorruptException.class, "layer " + sha(layer));
    TestTar tooShort =
        layout(index(entry), config, manifest)
            .file("blobs/sha256/" + Sha256.of(layer).hex(), gzip(LAYER_2));
    assertRefused(
        tooShort.bytes(), CorruptException.class, "layer " + sha(layer), "descriptor says");
    TestTar swapped =
        layout(index(entry), layer, manifest)
            .file("blobs/sha256/" + Sha256.of(config).hex(), utf8(config("rm", LAYER_1)));
    assertRefused(swapped.bytes(), CorruptException.class, "has the digest", sha(config));
    assertRefused(
        layout(index(entry), layer, manifest).bytes(),
        CorruptException.class,
        "has no file blobs/sha256/");
    byte[] both =
        utf8(
            new String(manifest, StandardCharsets.UTF_8).replaceFirst("\\{", "{\"manifests\":[],"));
    assertRefused(
        layout(index(descriptor(OCI + "manifest.v1+json", both, "")), layer, config, both).bytes(),
        CorruptException.class,
        "two kinds of document");
    byte[] lying = manifest(utf8(config("sh", LAYER_2)), layer);
    assertRefused(
        layout(
                index(descriptor(OCI + "manifest.v1+json", lying, "")),
                layer,
                utf8(config("sh", LAYER_2)),
                lying)
            .bytes(),
        CorruptException.class,
        "diffID");
    byte[] nest = index(entry);
    byte[][] all = {layer, config, manifest, nest};
    for (int i = 0; i < 6; i++) {
      nest = index(descriptor(OCI + "index.v1+json", nest, ""));
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = nest;
    }
    assertRefused(layout(nest, all).bytes(), CorruptException.class, "deeper than");
  }

  @Test
  void open_twoStoresOverOneRootSeeEachOther() throws IOException {
    ImageStore second = ImageStore.open(directory.resolve("root"), unpacker, Set::of);
    StoredImage image = load(dockerArchive()).get(0);
    assertThat(second.get("tool:1")).isEqualTo(store.get("tool:1"));
    second.remove(image.id().toString(), true, any -> {});
    assertThat(store.find("tool:1")).isEmpty();
  }
}

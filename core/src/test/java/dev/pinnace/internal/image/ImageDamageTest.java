package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.host.HostImage;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in which something is damaged, interrupted or killed goes on working. */
class ImageDamageTest {
  private static final byte[] LAYER = new TestTar().file("etc/one", "1").bytes();

  @TempDir private Path directory;
  private final MemoryUnpacker unpacker = new MemoryUnpacker();
  private ImageStore store;

  @BeforeEach
  void open() {
    store = reopened();
  }

  /** Another process's view: nothing of the documents is remembered. */
  private ImageStore reopened() {
    return ImageStore.open(directory.resolve("root"), unpacker, Set::of);
  }

  private static byte[] archive(String name) {
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\""
            + name
            + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
            + Sha256.of(LAYER)
            + "\"]}}";
    return new TestTar()
        .file("l.tar", LAYER)
        .file("c.json", config)
        .file(
            "manifest.json",
            "[{\"Config\":\"c.json\",\"RepoTags\":[\"" + name + ":1\"],\"Layers\":[\"l.tar\"]}]")
        .bytes();
  }

  private StoredImage load(String name) {
    return store.load(new ByteArrayInputStream(archive(name))).get(0);
  }

  private void append(Digest blob) throws IOException {
    Files.writeString(store.content().path(blob), " ", StandardOpenOption.APPEND);
    store = reopened();
  }

  private List<Path> files(String below) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("root").resolve(below))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void list_ofADamagedImage_saysSo() throws IOException {
    StoredImage bad = load("bad");
    StoredImage good = load("good");
    append(bad.manifestDigest());
    assertThat(store.entries()).hasSize(2);
    ListedImage damaged = store.entries().get(0);
    assertThat(damaged.id()).isEqualTo(bad.target().digest());
    assertThat(damaged.names()).hasSize(1);
    assertThat(damaged.damage().orElseThrow()).contains(bad.manifestDigest().toString());
    assertThat(store.list()).containsExactly(good);
    assertThat(store.get(good.id().shortHex())).isEqualTo(good);
    assertThatThrownBy(() -> store.get("bad:1")).isInstanceOf(CorruptException.class);
  }

  @Test
  void remove_ofADamagedImage_byNameAndByDigest() throws IOException {
    StoredImage bad = load("bad");
    StoredImage good = load("good");
    append(bad.id());
    assertThat(store.remove("bad:1", false, any -> {}).deleted()).contains(bad.target().digest());
    store.collect();
    assertThat(store.content().has(bad.manifestDigest())).isFalse();
    append(good.manifestDigest());
    store.collect();
    store.remove(good.target().digest().shortHex(), false, any -> {});
    store.collect();
    assertThat(store.entries()).isEmpty();
    assertThat(files("content/blobs")).isEmpty();
  }

  @Test
  void load_ofTheSameAgain_repairsEveryBlob() throws IOException {
    StoredImage image = load("one");
    for (Digest blob :
        List.of(image.manifestDigest(), image.id(), image.manifest().layers().get(0).digest())) {
      append(blob);
      assertThat(load("one")).isEqualTo(image);
      assertThat(Sha256.of(Files.readAllBytes(store.content().path(blob)))).isEqualTo(blob);
      store = reopened();
      assertThat(store.get("one:1")).isEqualTo(image);
    }
  }

  @Test
  void fromHost_afterDamage_makesTheImageAnew() throws IOException {
    StoredImage image = store.fromHost(HostImage.of("ls"), remark -> {});
    Path remembered = files("content/remembered").get(0);
    Files.writeString(remembered, "");
    assertThat(store.fromHost(HostImage.of("ls"), remark -> {})).isEqualTo(image);
    assertThat(remembered).hasContent(image.manifestDigest().toString());
    for (Digest blob : List.of(image.manifestDigest(), image.id())) {
      append(blob);
      assertThat(store.fromHost(HostImage.of("ls"), remark -> {})).isEqualTo(image);
    }
  }

  @Test
  void add_interrupted_isCancelledAndLeavesNothing() throws IOException {
    Path archive = Files.write(directory.resolve("a.tar"), archive("one"));
    for (Runnable work :
        List.<Runnable>of(
            () -> store.load(archive),
            () -> load("one"),
            () -> store.fromHost(HostImage.of("ls"), remark -> {}))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(work::run)
          .isInstanceOf(CancelledException.class)
          .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
      assertThat(Thread.interrupted()).as("the flag stays").isTrue();
    }
    Thread.currentThread().interrupt();
    assertThat(store.entries()).as("what takes no time is done").isEmpty();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(files("content/blobs")).isEmpty();
    assertThat(files("content/ingest")).isEmpty();
    assertThat(files("leases")).allMatch(file -> file.endsWith("gc.lock"));
    assertThat(unpacker.list()).isEmpty();
  }

  /** The interruption comes when the first blobs are there: they are taken away again. */
  @Test
  void add_interruptedHalfWay_isTakenBack() throws IOException {
    StoredImage kept = load("kept");
    List<Path> before = files("content/blobs");
    assertThatThrownBy(
            () ->
                store.add(
                    "bring half",
                    ingest -> {
                      ingest.put("new".getBytes(StandardCharsets.UTF_8));
                      ingest.put(Files.readAllBytes(store.content().path(kept.id())));
                      Thread.currentThread().interrupt();
                      return List.of();
                    }))
        .isInstanceOf(CancelledException.class)
        .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(files("content/blobs")).containsExactlyInAnyOrderElementsOf(before);
    assertThat(files("leases")).allMatch(file -> file.endsWith("gc.lock"));
  }

  @Test
  void lease_keepsTheLayersOfARemovedImage() {
    StoredImage image = load("one");
    ImageStore.Leased leased = store.lease("one:1").orElseThrow();
    try (Lease lease = leased.lease()) {
      ImageStore other = reopened();
      other.remove("one:1", false, any -> {});
      other.collect();
      assertThat(unpacker.list()).containsExactlyElementsOf(image.config().chainIds());
    }
    store.collect();
    assertThat(unpacker.list()).isEmpty();
  }

  @Test
  void recover_takesBackWhatAKilledProcessBrought_andNothingElse() throws IOException {
    StoredImage image = load("one");
    byte[] orphan = "orphan".getBytes(StandardCharsets.UTF_8);
    try (Lease living = store.content().lease()) {
      store.content().put(living, orphan);
      Lease killed = store.content().lease();
      Digest brought = store.content().put(killed, "brought".getBytes(StandardCharsets.UTF_8));
      killed.pin(image.id());
      killed.pin(Sha256.of(orphan));
      Files.writeString(killed.partialFile(), "half");
      assertThat(store.recover().removed()).isZero();
      killed.abandon();
      assertThat(reopened().recover().removed()).isEqualTo(1);
      assertThat(store.content().has(brought)).isFalse();
      assertThat(store.content().has(Sha256.of(orphan))).isTrue();
      assertThat(files("content/ingest")).isEmpty();
      assertThat(files("leases")).hasSize(2);
    }
    assertThat(reopened().get("one:1")).isEqualTo(image);
  }
}

package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.layer.LayerArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that are hostile, damaged or endless. */
class HostileLayerTest extends LayerApplierFixture {
  /**
   * The corpus of hostile layers: archives that leave their directory, CVE-2026-17106 and its kind,
   * and archives that grow beyond all bounds.
   */
  static Stream<Arguments> hostile() {
    byte[] none = {};
    return Stream.of(
        refused("../canary", new LayerArchive().file("../canary", "dead")),
        refused(
            "a/../../outside/canary", new LayerArchive().file("a/../../outside/canary", "dead")),
        contained("absolute", new LayerArchive().file("/outside/canary", "dead")),
        contained(
            "file through symlink",
            new LayerArchive().symlink("link", "../outside").file("link/canary", "dead")),
        contained(
            "file through absolute symlink",
            new LayerArchive().symlink("link", "/../../../outside").file("link/canary", "dead")),
        contained(
            "file over symlink",
            new LayerArchive().symlink("link", "../outside/canary").file("link", "dead")),
        refused("hard", new LayerArchive().hardlink("hard", "../outside/canary")),
        refused("hard2", new LayerArchive().hardlink("hard2", "/outside/canary")),
        refused(
            "hard3",
            new LayerArchive().symlink("link", "../outside").hardlink("hard3", "link/canary")),
        contained(
            "hard link to a symlink, then written",
            new LayerArchive()
                .symlink("link", "../outside/canary")
                .hardlink("hard", "link")
                .file("hard", "dead")),
        refused("hard4", new LayerArchive().dir("d").hardlink("hard4", "d")),
        contained(
            "directory replaced by symlink",
            new LayerArchive()
                .dir("d")
                .file("d/canary", "1")
                .symlink("d", "../outside")
                .file("d/canary", "dead")),
        contained(
            "whiteout through a symlink",
            new LayerArchive()
                .symlink("link", "../outside")
                .file("link/.wh.canary", "")
                .file("link/.wh..wh..opq", "")),
        contained(
            "directory over symlink",
            new LayerArchive()
                .symlink("link", "../outside")
                .add(TarEntry.directory("link").withPermissions(0))),
        refused(".wh...", new LayerArchive().file(".wh...", "")),
        refused(".wh..", new LayerArchive().file("d/.wh..", "")),
        refused("d/.wh.", new LayerArchive().file("d/.wh.", "")),
        refused("./", new LayerArchive().symlink("./", "x")),
        refused("loop/x", new LayerArchive().symlink("loop", "loop").file("loop/x", "")),
        contained(
            "a block device",
            new LayerArchive().add(TarEntry.device("sda", TarType.BLOCK_DEVICE, 8, 0))),
        refused("x".repeat(64), new LayerArchive().file("x".repeat(65536), "")),
        refused("d/d/d", new LayerArchive().dir("d/".repeat(2000))),
        refused("pax", new LayerArchive().file("pax", "").raw('x', "h", 100 << 20, none)),
        refused(
            "bomb",
            new LayerArchive()
                .raw(
                    'x',
                    "h",
                    LayerArchive.pax("GNU.sparse.size=99999999999999", "GNU.sparse.map=0,1").length,
                    LayerArchive.pax("GNU.sparse.size=99999999999999", "GNU.sparse.map=0,1"))
                .file("bomb", "1")),
        refused("overlap", sparse("10,20,15,5")),
        refused("overlap", sparse("0,1")),
        refused("overlap", sparse("5")),
        refused("overlap", sparse("-5,25")),
        refused("overlap", sparse("0,9223372036854775807")),
        refused(
            "last",
            new LayerArchive()
                .file("last", "")
                .raw('x', "h", 4, "9999".getBytes(StandardCharsets.UTF_8))),
        refused("odd", new LayerArchive().raw('Q', "odd", 0, none)),
        refused("many", headers("many", 17, "mtime=1")),
        refused("large", headers("large", 9, "comment=" + "x".repeat(500_000))),
        refused("attributes", xattrs("attributes", 40)),
        refused("global", globals("global", 17)));
  }

  /** Extended headers that all belong to one entry, whose name they follow. */
  private static LayerArchive headers(String name, int count, String record) {
    LayerArchive archive = new LayerArchive().file(name, "");
    byte[] pax = LayerArchive.pax(record);
    for (int i = 0; i < count; i++) {
      archive.raw('x', "h", pax.length, pax);
    }
    return archive.file("end", "");
  }

  private static LayerArchive globals(String name, int count) {
    LayerArchive archive = new LayerArchive().file(name, "");
    for (int i = 0; i < count; i++) {
      archive.raw('g', "h", 0, new byte[0]);
    }
    return archive.file("end", "");
  }

  /** An entry with so many attributes of 50,000 bytes each. */
  private static LayerArchive xattrs(String name, int count) {
    String[] records = new String[count];
    for (int i = 0; i < count; i++) {
      records[i] = "SCHILY.xattr.user.a" + i + "=" + "x".repeat(50_000);
    }
    byte[] pax = LayerArchive.pax(records);
    return new LayerArchive().raw('x', "h", pax.length, pax).file(name, "");
  }

  private static LayerArchive sparse(String map) {
    byte[] pax = LayerArchive.pax("GNU.sparse.size=30", "GNU.sparse.map=" + map);
    return new LayerArchive().raw('x', "h", pax.length, pax).file("overlap", "x".repeat(25));
  }

  private static Arguments refused(String entry, LayerArchive archive) {
    return Arguments.of(entry, archive.bytes(), true);
  }

  private static Arguments contained(String entry, LayerArchive archive) {
    return Arguments.of(entry, archive.bytes(), false);
  }

  /** What marks a deletion in a layer is a file here, and not everything is replaced. */
  private void applyFiles(byte[] tar) throws IOException {
    try {
      apply(tar);
    } catch (PinnaceException refusal) {
      assertThat(refusal).hasMessageContaining("\"");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void apply_hostileArchive_isRefusedByNameOrContained(String entry, byte[] tar, boolean refused)
      throws IOException {
    for (LayerOptions.Whiteouts style : LayerOptions.Whiteouts.values()) {
      options = options.withWhiteouts(style);
      if (style == LayerOptions.Whiteouts.NONE) {
        applyFiles(tar);
      } else if (refused) {
        assertThatThrownBy(() -> apply(tar))
            .isInstanceOfAny(CorruptException.class, InvalidSpecException.class)
            .hasMessageContaining(entry);
      } else {
        apply(tar);
      }
      outsideStays();
      target.removeContents();
    }
  }

  private void outsideStays() throws IOException {
    assertThat(Files.readString(host.resolve("outside/canary"))).isEqualTo("alive");
    assertThat(root.list("outside")).containsExactly("canary");
  }

  @Test
  void apply_interrupted_stopsAndKeepsTheFlag() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> apply(new LayerArchive().dir("a")))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @Timeout(20)
  void apply_interruptedBehindTheEndMark_stops() throws Exception {
    Endless zeros = new Endless(new byte[1 << 16]);
    Thread applying = Thread.currentThread();
    CompletableFuture<?> interrupt =
        CompletableFuture.runAsync(
            applying::interrupt, CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
    assertThatThrownBy(() -> LayerApplier.apply(zeros, target, options))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(interrupt.get(10, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void apply_cutAnywhere_isRefusedOrEndsBetweenEntries() throws IOException {
    byte[] tar = new LayerArchive().file("first", "x".repeat(600)).file("second", "y").bytes();
    for (int length = 1; length < tar.length - 1024; length += 97) {
      byte[] cut = Arrays.copyOf(tar, length);
      if (length % 512 != 0) {
        assertThatThrownBy(() -> apply(cut)).isInstanceOf(CorruptException.class);
      }
    }
    assertThatThrownBy(() -> apply(Arrays.copyOf(tar, 700)))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("\"first\"");
  }

  @ParameterizedTest
  @EnumSource(LayerOptions.Whiteouts.class)
  void apply_mutatedArchives_throwOnlyWhatIsDeclared(LayerOptions.Whiteouts style)
      throws IOException {
    options = options.withWhiteouts(style).withLimits(LayerLimits.defaults().withBytes(1 << 20));
    byte[] pax =
        LayerArchive.pax("GNU.sparse.size=30", "GNU.sparse.map=0,5,10,20", "SCHILY.xattr.user.a=b");
    byte[] original =
        new LayerArchive()
            .dir("d")
            .file("d/f", "text")
            .raw('x', "h", pax.length, pax)
            .file("d/sparse", "x".repeat(25))
            .symlink("d/l", "f")
            .hardlink("d/h", "d/f")
            .file("d/.wh.x", "")
            .file("d/.wh..wh..opq", "")
            .add(TarEntry.fifo("d/p").withModified(Instant.ofEpochSecond(5, 6)))
            .bytes();
    Random random = new Random(20260101);
    int refused = 0;
    for (int round = 0; round < 400; round++) {
      byte[] tar = original.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        tar[random.nextInt(tar.length)] = (byte) random.nextInt(256);
      }
      if (random.nextBoolean()) {
        int block = random.nextInt(tar.length / 512) * 512;
        System.arraycopy(
            LayerArchive.checksummed(Arrays.copyOfRange(tar, block, block + 512)),
            0,
            tar,
            block,
            512);
      }
      try {
        apply(tar);
      } catch (PinnaceException declared) {
        refused++;
      }
      target.removeContents();
    }
    outsideStays();
    assertThat(refused).isBetween(50, 399);
  }
}

package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.SnapshotTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers and documents that mean harm, by way of a pull: they are refused, or harm nobody. */
class HostilePullTest extends PullFixture {
  private Path canary = Path.of("");

  @BeforeEach
  void placeCanary() throws IOException {
    canary = Files.writeString(directory.resolve("canary"), "alive");
  }

  static Stream<Arguments> refused() {
    String pax = "SCHILY.xattr.user.bomb=" + "x".repeat(5 << 20);
    return Stream.of(
        Arguments.of("a name that climbs", new LayerArchive().file("../canary", "dead")),
        Arguments.of("a climb in the middle", new LayerArchive().file("a/../../canary", "dead")),
        Arguments.of("a hard link that climbs", new LayerArchive().hardlink("a", "../canary")),
        Arguments.of("a hard link to what is not there", new LayerArchive().hardlink("a", "b")),
        Arguments.of("a whiteout of the parent", new LayerArchive().file("a/.wh...", "")),
        Arguments.of("a root that is a file", new LayerArchive().file("./", "dead")),
        Arguments.of("a name of 64 KiB", new LayerArchive().file("n".repeat(65_536), "")),
        Arguments.of("a path of 2,000 parts", new LayerArchive().file("a/".repeat(2000) + "b", "")),
        Arguments.of(
            "a PAX header of 5 MiB",
            new LayerArchive().raw('x', "p", pax.length() + 12, LayerArchive.pax(pax))),
        Arguments.of(
            "100 GB in a header", new LayerArchive().raw('0', "z", 100L << 30, new byte[0])),
        Arguments.of("a negative size", new LayerArchive().raw('0', "z", -1, new byte[0])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void layer_isRefused_andNothingIsLeft(String what, LayerArchive layer) {
    ImageBlobs image = new ImageBlobs().gzipLayer(new LayerArchive().file("good", "1").bytes());
    image.gzipLayer(layer.bytes());
    String digest = image.layers().get(1).digest().toString();
    assertThatThrownBy(() -> pull(image))
        .as(what)
        .isInstanceOfAny(CorruptException.class, InvalidSpecException.class)
        .hasMessageContaining(digest)
        .hasMessageContaining("the test's registry");
    assertNothingIsHere();
    assertThat(canary).hasContent("alive");
  }

  @Test
  void layers_thatLeadOutside_stayInside() throws IOException {
    String outside = directory.toString();
    StoredImage image =
        pull(
            new ImageBlobs()
                .layer(
                    new LayerArchive()
                        .symlink("link", outside)
                        .symlink("up", "../../../../../../.." + outside)
                        .file(outside + "/absolute", "inside")
                        .bytes())
                .gzipLayer(
                    new LayerArchive()
                        .file("link/canary", "dead")
                        .file("up/canary", "dead")
                        .bytes())
                .gzipLayer(
                    new LayerArchive().symlink("d", outside).file("d/.wh.canary", "").bytes())
                .gzipLayer(
                    new LayerArchive().dir("e/").symlink("e", outside).file("e/new", "1").bytes())
                .gzipLayer(new LayerArchive().symlink("s", "canary").hardlink("h", "s").bytes()));
    assertThat(canary).hasContent("alive");
    assertThat(directory.resolve("new")).doesNotExist();
    assertThat(directory.resolve("absolute")).doesNotExist();
    try (SnapshotTree view = driver.view(image.topLayer().orElseThrow());
        Dir root = Dir.open(view.path())) {
      assertThat(root.stat("h").isSymlink()).isTrue();
    }
  }

  @Test
  void duplicates_theLastWins() {
    ImageBlobs image =
        new ImageBlobs()
            .gzipLayer(
                new LayerArchive()
                    .file("a", "first")
                    .add(TarEntry.directory("a/"))
                    .file("a/b", "1")
                    .file("a", "last")
                    .bytes());
    assertThat(names(pull(image))).containsExactly("a");
  }

  @Test
  void zeros_thatCompressWell_areStoppedByTheDiffId() {
    byte[] zeros = ImageBlobs.gzip(new byte[64 << 20]);
    ImageBlobs image =
        new ImageBlobs().layer(MediaTypes.LAYER_GZIP, zeros, ImageBlobs.digest(new byte[] {1}));
    assertThatThrownBy(() -> pull(image)).isInstanceOf(CorruptException.class);
    assertNothingIsHere();
  }

  @Test
  void indexes_thatNestWithoutEnd_areRefused() {
    ImageBlobs image = new ImageBlobs();
    Descriptor inner = image.layer(new LayerArchive().file("a", "1").bytes()).manifest();
    for (int depth = 0; depth < 12; depth++) {
      inner =
          image.document(
              MediaTypes.INDEX,
              "{\"schemaVersion\":2,\"mediaType\":\""
                  + MediaTypes.INDEX
                  + "\",\"manifests\":["
                  + ImageBlobs.json(inner)
                  + "]}");
    }
    Descriptor outermost = inner;
    assertThatThrownBy(() -> pull(outermost, source(image.blobs())))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("nests image indexes");
    assertNothingIsHere();
  }

  @Test
  void documents_ofAnotherKindOrSize_areRefused() {
    refusedDocument("[".repeat(100_000), "manifest");
    refusedDocument("{\"layers\":" + "{\"a\":".repeat(50_000) + "1", "manifest");
    refusedDocument("not JSON", "manifest");
    refusedDocument("{\"schemaVersion\":2,\"config\":null,\"layers\":7}", "manifest");
    Descriptor huge = new Descriptor(MediaTypes.MANIFEST, digestOf(9), 100L << 20);
    assertThatThrownBy(() -> pull(huge, source(new ImageBlobs().blobs())))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("the limit is");
    assertNothingIsHere();
  }

  private void refusedDocument(String json, String what) {
    ImageBlobs image = new ImageBlobs();
    Descriptor target = image.document(MediaTypes.MANIFEST, json);
    assertThatThrownBy(() -> pull(target, source(image.blobs())))
        .isInstanceOfAny(CorruptException.class, InvalidSpecException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("the test's registry");
    assertNothingIsHere();
  }

  private static Digest digestOf(int number) {
    return ImageBlobs.digest(new byte[] {(byte) number});
  }
}

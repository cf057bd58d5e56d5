package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.file.FileType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerApplierTest extends LayerApplierFixture {
  @Test
  void apply_everyKind_keepsEveryAttribute() throws Exception {
    Instant time = Instant.ofEpochSecond(1_600_000_000, 123_456_789);
    byte[] capability = {
      1, 0, 0, 2, (byte) 0xC0, (byte) 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    String odd = FileName.decode(new byte[] {'b', (byte) 0xFE, 'n'});
    byte[] tar =
        new LayerArchive()
            .add(
                TarEntry.directory("bin/")
                    .withPermissions(01777)
                    .withOwner(7, 8)
                    .withModified(time))
            .add(
                TarEntry.file("bin/su", 0)
                    .withPermissions(04755)
                    .withOwner(3, 4_000_000)
                    .withModified(time)
                    .withXattr("security.capability", capability))
            .file("bin/" + odd, "odd")
            .file("bin/" + "n".repeat(200), "long")
            .symlink("bin/abs", "/etc/passwd")
            .add(TarEntry.fifo("pipe"))
            .add(TarEntry.device("null", TarType.CHARACTER_DEVICE, 1, 3))
            .hardlink("bin/same", "./bin/su")
            .bytes();
    LayerResult result = apply(tar);
    FileStat su = target.stat("bin/su");
    assertThat(su.permissions()).isEqualTo(04755);
    assertThat(su.uid()).isEqualTo(3);
    assertThat(su.gid()).isEqualTo(4_000_000);
    assertThat(su.modified()).isEqualTo(time);
    assertThat(su.links()).isEqualTo(2);
    assertThat(target.getXattr("bin/su", "security.capability")).isEqualTo(capability);
    assertThat(target.stat("bin").permissions()).isEqualTo(01777);
    assertThat(target.stat("bin").modified()).isEqualTo(time);
    assertThat(read("bin/" + odd)).isEqualTo("odd");
    assertThat(read("bin/" + "n".repeat(200))).isEqualTo("long");
    assertThat(target.readLink("bin/abs")).isEqualTo("/etc/passwd");
    assertThat(target.stat("pipe").type()).isEqualTo(FileType.FIFO);
    assertThat(target.stat("null").deviceMinor()).isEqualTo(3);
    assertThat(result.entries()).isEqualTo(8);
    assertThat(result.tarBytes()).isEqualTo(tar.length);
    assertThat(result.warnings()).isEmpty();
  }

  @Test
  void apply_bytesAfterTheEndMarker_areRead() throws Exception {
    byte[] tar = new LayerArchive().file("a", "x").bytes();
    byte[] longer = Arrays.copyOf(tar, tar.length + 10_000);
    longer[longer.length - 1] = 7;
    assertThat(apply(longer).tarBytes()).isEqualTo(longer.length);
  }

  @Test
  void apply_duplicatesAndReplacements_lastWins() throws IOException {
    apply(
        new LayerArchive()
            .file("a", "1")
            .file("a", "2")
            .dir("d")
            .file("d/x", "x")
            .file("d", "now a file")
            .symlink("s", "nowhere")
            .dir("s")
            .file("s/in", "in"));
    assertThat(read("a")).isEqualTo("2");
    assertThat(read("d")).isEqualTo("now a file");
    assertThat(target.stat("s").isDirectory()).isTrue();
    assertThat(read("s/in")).isEqualTo("in");
  }

  @Test
  void apply_overlayWhiteouts_becomeDevicesAndOpaqueMarks() throws IOException {
    apply(
        new LayerArchive()
            .file(".wh.gone", "")
            .file("dir/.wh.inner", "")
            .file("opaque/own", "own")
            .file("opaque/.wh..wh..opq", "")
            .file("/.wh.foo", "")
            .file("/foo/.wh.bar", "")
            .file(".wh.again", "")
            .dir("again")
            .dir("mine")
            .file(".wh.mine", "")
            .file("kept", "kept")
            .file(".wh.kept", ""));
    assertThat(target.stat("gone").isWhiteout()).isTrue();
    assertThat(target.stat("dir/inner").isWhiteout()).isTrue();
    assertThat(target.stat("foo").isWhiteout()).isTrue();
    assertThat(target.list("opaque")).containsExactly("own");
    for (String opaque : List.of("opaque", "again", "mine")) {
      assertThat(target.getXattr(opaque, "trusted.overlay.opaque")).containsExactly('y');
    }
    assertThat(target.getXattr("dir", "trusted.overlay.opaque")).isNull();
    assertThat(read("kept")).isEqualTo("kept");
  }

  @Test
  void apply_removeWhiteouts_deleteOnlyWhatWasBelow() throws IOException {
    options = options.withWhiteouts(LayerOptions.Whiteouts.REMOVE);
    apply(
        new LayerArchive()
            .file("gone", "")
            .file("tree/lower", "")
            .file("tree/deep/lower", "")
            .file("opaque/lower", "")
            .file("other", ""));
    apply(
        new LayerArchive()
            .file(".wh.gone", "")
            .file("tree/own", "own")
            .file(".wh.tree", "")
            .file("opaque/own", "own")
            .file("opaque/.wh..wh..opq", "")
            .file(".wh.never", ""));
    assertThat(target.list()).containsExactly("opaque", "other", "tree");
    assertThat(target.list("tree")).containsExactly("own");
    assertThat(target.list("opaque")).containsExactly("own");
  }

  @Test
  void apply_missingParents_takeAfterTheLayersBelow() throws IOException {
    root.mkdir("lower", 0755);
    try (Dir lower = root.openDir("lower")) {
      lower.mkdirs("var/lib", 0755);
      lower.chmod("var", 0711);
      lower.chown("var", 5, 6);
      lower.setXattr("var", "user.note", new byte[] {1, (byte) 0x80});
      apply0(lower, new LayerArchive().file("var/lib/x", "x").file("new/y", "y"));
    } finally {
      root.removeTree("lower");
    }
    FileStat var = target.stat("var");
    assertThat(var.permissions()).isEqualTo(0711);
    assertThat(var.uid()).isEqualTo(5);
    assertThat(target.getXattr("var", "user.note")).containsExactly(1, 0x80);
    assertThat(target.stat("new").permissions()).isEqualTo(0755);
  }

  private void apply0(Dir lower, LayerArchive archive) throws IOException {
    LayerApplier.apply(
        new ByteArrayInputStream(archive.bytes()), target, options.withLowers(List.of(lower)));
  }

  @Test
  void apply_userXattrOnSymlink_isIgnored_andOverlaysOwnAreLeftOut() throws IOException {
    LayerResult result =
        apply(
            new LayerArchive()
                .add(TarEntry.symlink("l", "t").withXattr("user.a", new byte[] {1}))
                .add(
                    TarEntry.directory("d")
                        .withXattr(
                            "trusted.overlay.redirect", "/etc".getBytes(StandardCharsets.UTF_8))));
    assertThat(target.listXattrs("d")).isEmpty();
    assertThat(result.warnings()).singleElement().asString().contains("trusted.overlay.redirect");
  }

  @Test
  void apply_squash_ownsEverything() throws IOException {
    options = options.withOwnership(LayerOptions.Ownership.SQUASH);
    apply(new LayerArchive().add(TarEntry.file("f", 0).withOwner(9, 9)).dir("d"));
    assertThat(target.stat("f").uid()).isEqualTo(root.stat().uid());
  }

  /** The kernel's word on whiteouts: the layer on top of another, seen through overlayfs. */
  @Test
  void apply_overTheLayerBelow_overlayShowsTheImage() throws IOException {
    target.mkdir("lower", 0755);
    target.mkdir("upper", 0755);
    try (Dir lower = target.openDir("lower");
        Dir upper = target.openDir("upper")) {
      applyTo(
          lower,
          new LayerArchive()
              .file("gone", "1")
              .file("kept", "1")
              .file("opaque/old", "1")
              .file("again/old", "1")
              .file("mine/old", "1"));
      applyTo(
          upper,
          new LayerArchive()
              .file(".wh.gone", "")
              .file("opaque/.wh..wh..opq", "")
              .file("opaque/new", "2")
              .file(".wh.again", "")
              .file("again/new", "2")
              .file("mine/new", "2")
              .file(".wh.mine", ""));
    }
    try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
      overlay.set("lowerdir", host + "/layer/upper:" + host + "/layer/lower");
      try (DetachedMount mount = overlay.mount(0);
          Dir seen = mount.root()) {
        assertThat(seen.list()).containsExactly("again", "kept", "mine", "opaque");
        for (String name : List.of("again", "mine", "opaque")) {
          assertThat(seen.list(name)).containsExactly("new");
        }
      }
    }
  }

  private void applyTo(Dir layer, LayerArchive archive) throws IOException {
    LayerApplier.apply(new ByteArrayInputStream(archive.bytes()), layer, options);
  }
}

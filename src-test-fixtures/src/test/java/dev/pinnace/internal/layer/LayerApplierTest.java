package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.file.FileType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Needs({"root", "overlay"})
class LayerApplierTest {
  @TempDir Path host;
  private Dir root = Dir.open(Path.of("/"));
  private Dir target = root;
  private LayerOptions options = LayerOptions.defaults();

  @BeforeEach
  void prepare() throws IOException {
    root.close();
    Files.createDirectories(host.resolve("layer"));
    Files.createDirectories(host.resolve("outside"));
    Files.writeString(host.resolve("outside/canary"), "alive");
    root = Dir.open(host);
    target = root.openDir("layer");
  }

  @AfterEach
  void outsideIsUntouched() throws IOException {
    assertThat(Files.readString(host.resolve("outside/canary"))).isEqualTo("alive");
    assertThat(root.list("outside")).containsExactly("canary");
    assertThat(root.list()).containsExactly("layer", "outside");
    target.removeContents();
    target.close();
    root.close();
  }

  private LayerResult apply(byte[] tar) throws IOException {
    return LayerApplier.apply(new ByteArrayInputStream(tar), target, options);
  }

  private LayerResult apply(LayerArchive archive) throws IOException {
    return apply(archive.bytes());
  }

  private String read(String path) {
    try (Fd fd = target.openFollowing(path, Fcntl.O_RDONLY, 0)) {
      return new String(fd.readAll(1 << 20), StandardCharsets.UTF_8);
    }
  }

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

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void apply_hostileArchive_isRefusedByNameOrContained(String entry, byte[] tar, boolean refused)
      throws IOException {
    for (LayerOptions.Whiteouts style : LayerOptions.Whiteouts.values()) {
      options = options.withWhiteouts(style);
      if (refused) {
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

  @Test
  void apply_moreEntriesThanAllowed_isRefused() {
    options = options.withLimits(LayerLimits.defaults().withEntries(3));
    LayerArchive archive = new LayerArchive().dir("a").dir("b").dir("c").dir("fourth");
    assertThatThrownBy(() -> apply(archive))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("fourth");
  }

  /** A hundred gigabytes are refused by their header; zeros that do come, where they pass it. */
  @Test
  void apply_moreBytesThanAllowed_areRefusedAsSoonAsThatIsKnown() {
    byte[] none = new byte[0];
    assertThatThrownBy(() -> apply(new LayerArchive().raw('0', "huge", 100L << 30, none)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("up to entry \"huge\" has more than " + (64L << 30) + " bytes");

    options = options.withLimits(LayerLimits.defaults().withBytes(8 << 20));
    Endless zeros = new Endless(entry(new LayerArchive().file("zeros", new byte[1 << 20])));
    assertThatThrownBy(() -> LayerApplier.apply(zeros, target, options))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("has more than " + (8 << 20) + " bytes; the limit is fixed");
    assertThat(zeros.read).isBetween(8L << 20, 10L << 20);
  }

  /** What is passed over fills no disk, but takes time for as long as it comes. */
  @Test
  void apply_moreThatIsPassedOver_thanFilesMayHave_isRefused() {
    long most = 1L << 20;
    options = options.withLimits(LayerLimits.defaults().withBytes(most));
    byte[] none = new byte[0];
    for (char flag : new char[] {'g', 'V'}) {
      assertThatThrownBy(() -> apply(new LayerArchive().raw(flag, "x", 100L << 30, none)))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("has more than " + most + " bytes");
    }
    LayerArchive global = new LayerArchive().raw('g', "x", 1 << 16, new byte[1 << 16]).dir("d");
    Endless[] archives = {new Endless(new byte[1 << 16]), new Endless(entry(global))};
    for (Endless archive : archives) {
      assertThatThrownBy(() -> LayerApplier.apply(archive, target, options))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("has more than " + most + " bytes");
      assertThat(archive.read).isBetween(most, most + (8 << 20));
    }
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
  void apply_entriesWithoutEnd_areRefusedAtTheLimit() {
    options = options.withLimits(LayerLimits.defaults().withEntries(100_000));
    Endless entries = new Endless(entry(new LayerArchive().dir("d")));
    assertThatThrownBy(() -> LayerApplier.apply(entries, target, options))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("has more than 100000 entries");
    assertThat(entries.read).isBetween(100_000L * 512, 101_000L * 512);
  }

  private static byte[] entry(LayerArchive archive) {
    byte[] all = archive.bytes();
    return Arrays.copyOf(all, all.length - 1024);
  }

  /** The same bytes again and again, for as long as anybody reads. */
  private static final class Endless extends InputStream {
    private final byte[] piece;
    private long read;

    private Endless(byte[] piece) {
      this.piece = piece;
    }

    @Override
    public int read() {
      return piece[(int) (read++ % piece.length)] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      int at = (int) (read % piece.length);
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, into, from, count);
      read += count;
      return count;
    }
  }

  /** The names of directories, and with copies of all, are kept until the end. */
  @ParameterizedTest
  @EnumSource(LayerOptions.Whiteouts.class)
  void apply_morePathsThanMayBeRemembered_isRefused(LayerOptions.Whiteouts style) {
    options =
        options.withWhiteouts(style).withLimits(LayerLimits.defaults().withPaths(10 * (128 + 200)));
    LayerArchive archive = new LayerArchive();
    for (int i = 10; i < 22; i++) {
      archive.dir(i + "d".repeat(198) + "/");
    }
    assertThatThrownBy(() -> apply(archive))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll(
            // A copy's whiteouts need the path a second time.
            style == LayerOptions.Whiteouts.REMOVE ? "15ddd" : "20ddd", "bytes of paths");
  }

  /** Eight headers just below the limit of one, which once were taken in all together. */
  @Test
  void apply_headersBelowTheLimit_areCountedTogether() {
    options = options.withLimits(LayerLimits.defaults().withMetadata(1000));
    byte[] pax = LayerArchive.pax("comment=" + "x".repeat(300));
    LayerArchive archive = new LayerArchive().file("before", "");
    for (int i = 0; i < 4; i++) {
      archive.raw('x', "h", pax.length, pax);
    }
    assertThatThrownBy(() -> apply(archive.file("bomb", "")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("before", "1000 bytes of extended headers");
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

package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.storage.TreeListing;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.internal.storage.vfs.VfsProvider;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a container changed, as a layer, on every kind of storage: applied again it is the same. */
@Needs({"root", "overlay"})
@Tag("vm-too")
class LayerDiffTest {
  private static final Digest BASE = new Digest("a".repeat(64));
  private static final Digest MIDDLE = new Digest("b".repeat(64));
  private static final Digest COMMITTED = new Digest("c".repeat(64));

  @TempDir private Path directory;

  static Stream<Arguments> storages() {
    return Stream.of(
        Arguments.of(new OverlayProvider(), false),
        Arguments.of(new OverlayProvider(), true),
        Arguments.of(new VfsProvider(), false));
  }

  private StorageDriver open(StorageDriverProvider provider, boolean userXattr) {
    return provider.open(
        directory.resolve("layers"),
        StorageOptions.DEFAULTS.withSyncOnCommit(false).withUserNamespace(userXattr));
  }

  private static void layer(
      StorageDriver driver, Digest chainId, Optional<Digest> parent, Consumer<Dir> fill) {
    try (LayerDraft draft = driver.prepare(chainId, parent);
        Dir tree = Dir.open(draft.tree())) {
      fill.accept(tree);
      draft.commit();
    }
  }

  private ContainerLayer container(StorageDriver driver, Digest top) throws IOException {
    return driver.create(
        Files.createDirectories(directory.resolve("container")),
        Optional.of(top),
        ContainerLayerOptions.DEFAULTS);
  }

  private static void change(ContainerLayer layer, Consumer<Dir> work) {
    try (SnapshotTree tree = layer.openTree();
        Dir root = Dir.open(tree.path())) {
      work.accept(root);
    }
  }

  private static byte[] diff(ContainerLayer layer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LayerView view = LayerView.open(layer.changes(), IdMap.NONE, IdMap.NONE);
        TarWriter tar = new TarWriter(out)) {
      LayerDiff.write(view, Set.of("proc", "etc/hosts"), tar);
    }
    return out.toByteArray();
  }

  private static List<String> entries(byte[] tar) throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(tar), LayerLimits.defaults());
    List<String> entries = new ArrayList<>();
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      entries.add(entry.name() + (entry.linkName().isEmpty() ? "" : " -> " + entry.linkName()));
    }
    return entries;
  }

  /** Times of directories are not compared: a change of one alone is no change. */
  private static List<String> listing(SnapshotTree tree) {
    try (tree;
        Dir root = Dir.open(tree.path())) {
      return TreeListing.of(root).stream()
          .map(line -> line.replaceAll("(\\d\\d:\\d\\d:\\d\\d)\\.\\d+Z", "$1Z"))
          .map(line -> line.replaceFirst("(?s)(DIRECTORY .*) at \\S+", "$1"))
          .toList();
    }
  }

  private static void apply(StorageDriver driver, Digest parent, byte[] tar) throws IOException {
    new DriverUnpacker(driver, LayerOptions.Ownership.KEEP, Set::of)
        .unpack(COMMITTED, Optional.of(parent), new ByteArrayInputStream(tar));
  }

  @ParameterizedTest
  @MethodSource("storages")
  void write_oddChanges_appliedAgainAreTheSame(StorageDriverProvider provider, boolean userXattr)
      throws IOException {
    for (long seed = 1; seed <= 6; seed++) {
      long number = seed;
      Path place = Files.createDirectory(directory.resolve("seed" + seed));
      try (StorageDriver driver =
          provider.open(
              place.resolve("layers"),
              StorageOptions.DEFAULTS.withSyncOnCommit(false).withUserNamespace(userXattr))) {
        layer(driver, BASE, Optional.empty(), tree -> new OddTree(tree, number).grow(120));
        layer(driver, MIDDLE, Optional.of(BASE), tree -> new OddTree(tree, number + 1000).grow(60));
        ContainerLayer container =
            driver.create(
                Files.createDirectories(place.resolve("container")),
                Optional.of(MIDDLE),
                ContainerLayerOptions.DEFAULTS);
        change(
            container,
            root -> {
              OddTree tree = new OddTree(root, number + 2000);
              for (int round = 0; round < 8; round++) {
                tree.change(12);
                tree.grow(8);
              }
            });
        List<String> before = listing(container.openTree());
        byte[] tar = diff(container);
        assertThat(diff(container)).as("the same again").isEqualTo(tar);
        apply(driver, MIDDLE, tar);
        List<String> after = listing(driver.view(COMMITTED));
        List<String> lost = new ArrayList<>(before);
        lost.removeAll(after);
        List<String> invented = new ArrayList<>(after);
        invented.removeAll(before);
        assertThat(invented).as("seed %s, in place of %s", seed, lost).isEmpty();
        assertThat(after).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("storages")
  void write_whatIsAsItWas_isLeftOut(StorageDriverProvider provider, boolean userXattr)
      throws IOException {
    try (StorageDriver driver = open(provider, userXattr)) {
      layer(
          driver,
          BASE,
          Optional.empty(),
          tree -> {
            tree.mkdir("d", 0755);
            write(tree, "d/kept", "kept");
            write(tree, "d/changed", "12345");
            tree.utimes("d/changed", Instant.EPOCH, Instant.EPOCH);
            tree.mkdir("gone", 0755);
            write(tree, "gone/x", "x");
            tree.mkdir("again", 0755);
            write(tree, "again/x", "x");
            write(tree, "one", "linked");
            tree.link("one", "two");
          });
      ContainerLayer container = container(driver, BASE);
      change(
          container,
          root -> {
            root.chmod("d/kept", 0600);
            root.chmod("d/kept", 0644);
            root.chmod("d", 0700);
            root.chmod("d", 0755);
            write(root, "d/changed", "54321");
            root.utimes("d/changed", Instant.EPOCH, Instant.EPOCH);
            root.removeTree("gone");
            root.removeTree("again");
            root.mkdir("again", 0755);
            write(root, "again/y", "y");
            root.link("one", "three");
            root.mkdir("proc", 0755);
            root.mkdir("etc", 0755);
            write(root, "etc/hosts", "");
            root.mknod("socket", FileType.SOCKET.bits() | 0600, 0, 0);
            write(root, ".wh.d", "would delete d");
          });
      boolean copies = provider instanceof VfsProvider;
      List<String> again =
          copies
              ? List.of("again/", "again/.wh.x", "again/y")
              : List.of("again/", "again/.wh..wh..opq", "again/y");
      assertThat(entries(diff(container)))
          .containsSubsequence("d/", "d/changed")
          .containsSubsequence(again)
          .contains(".wh.gone", "etc/", "three -> one")
          .doesNotContain("d/kept", "proc/", "etc/hosts", "socket", ".wh.d");
    }
  }

  @ParameterizedTest
  @MethodSource("storages")
  void write_whatASocketHasReplaced_isDeleted(StorageDriverProvider provider, boolean userXattr)
      throws IOException {
    try (StorageDriver driver = open(provider, userXattr)) {
      layer(
          driver,
          BASE,
          Optional.empty(),
          tree -> {
            write(tree, "file", "file");
            tree.mkdir("d", 0755);
            write(tree, "d/x", "x");
          });
      ContainerLayer container = container(driver, BASE);
      change(
          container,
          root -> {
            root.unlink("file");
            root.removeTree("d");
            for (String name : List.of("file", "d", "new")) {
              root.mknod(name, FileType.SOCKET.bits() | 0600, 0, 0);
            }
          });
      assertThat(entries(diff(container))).containsExactly(".wh.d", ".wh.file");
    }
  }

  @ParameterizedTest
  @MethodSource("storages")
  void write_capabilitiesOfAUserNamespace_arePlainInTheImage(
      StorageDriverProvider provider, boolean userXattr) throws IOException {
    byte[] namespaced = new byte[24];
    namespaced[0] = 1;
    namespaced[3] = 3;
    namespaced[4] = 0x40;
    namespaced[20] = 5;
    try (StorageDriver driver = open(provider, userXattr)) {
      layer(driver, BASE, Optional.empty(), tree -> tree.mkdir("d", 0755));
      ContainerLayer container = container(driver, BASE);
      change(
          container,
          root -> {
            write(root, "ping", "program");
            root.setXattr("ping", "security.capability", namespaced);
          });
      TarReader reader =
          new TarReader(new ByteArrayInputStream(diff(container)), LayerLimits.defaults());
      TarEntry entry = Objects.requireNonNull(reader.next());
      byte[] value = entry.xattrs().get("security.capability");
      assertThat(value).hasSize(20).startsWith(1, 0, 0, 2, 0x40);
    }
  }

  @ParameterizedTest
  @MethodSource("storages")
  void write_permissionsOfTheRoot_areThere(StorageDriverProvider provider, boolean userXattr)
      throws IOException {
    try (StorageDriver driver = open(provider, userXattr)) {
      layer(driver, BASE, Optional.empty(), tree -> tree.mkdir("d", 0755));
      ContainerLayer container = container(driver, BASE);
      change(container, root -> dev.pinnace.linux.file.Inode.chmod(root.fd(), 0711));
      byte[] tar = diff(container);
      assertThat(entries(tar)).containsExactly("./");
      apply(driver, BASE, tar);
      assertThat(listing(driver.view(COMMITTED)).get(0)).contains("DIRECTORY 711 ");
    }
  }

  private static void write(Dir dir, String name, String text) {
    try (Fd file = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644)) {
      file.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}

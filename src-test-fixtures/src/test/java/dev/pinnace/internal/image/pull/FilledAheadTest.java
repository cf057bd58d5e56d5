package dev.pinnace.internal.image.pull;

import static dev.pinnace.fixtures.storage.TreeContent.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.storage.TreeListing;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.image.transfer.LayerUnpacker.Filled;
import dev.pinnace.internal.layer.LayerOptions.Ownership;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that are filled in any order become the same as layers that are unpacked in theirs. */
@Needs({"root", "overlay"})
class FilledAheadTest {
  private static final String[] NAMES = {"a", "b", "c"};
  private static final int LAYERS = 7;
  private static final int SEEDS = 12;

  @TempDir Path directory;

  private StorageDriver driver(String name, boolean userNamespace) {
    StorageOptions options =
        StorageOptions.DEFAULTS.withSyncOnCommit(false).withUserNamespace(userNamespace);
    return new OverlayProvider().open(directory.resolve(name), options);
  }

  /** Directories that nobody listed are of now, at each of two nows. */
  private static List<String> listing(Path tree) {
    try (Dir dir = Dir.open(tree)) {
      return TreeListing.withMarks(dir).stream()
          .map(line -> line.replaceFirst(" at 202[0-9]-[^ ]*", " at now"))
          .toList();
    }
  }

  private static String path(Random random) {
    int depth = 1 + random.nextInt(4);
    return String.join(
        "/", IntStream.range(0, depth).mapToObj(i -> NAMES[random.nextInt(NAMES.length)]).toList());
  }

  /** What breaks: deletions and opaque marks of listed and unlisted parents, before and after. */
  private static byte[] layer(Random random) {
    LayerArchive tar = new LayerArchive();
    if (random.nextInt(3) == 0) {
      tar.add(TarEntry.directory("./").withPermissions(0700 + random.nextInt(64)));
    }
    int entries = 3 + random.nextInt(8);
    for (int i = 0; i < entries; i++) {
      String path = path(random);
      int slash = path.lastIndexOf('/');
      String parent = path.substring(0, slash + 1);
      switch (random.nextInt(8)) {
        case 0, 1 ->
            tar.add(
                TarEntry.directory(path + "/")
                    .withPermissions(0500 + random.nextInt(128))
                    .withOwner(random.nextInt(9), random.nextInt(9))
                    .withXattr("user.of", new byte[] {(byte) random.nextInt()}));
        case 2, 3 -> tar.file(path + "/f" + random.nextInt(3), "content " + random.nextInt());
        case 4 -> tar.file(parent + ".wh." + path.substring(slash + 1), "");
        case 5 -> tar.file(path + "/.wh..wh..opq", "");
        case 6 -> tar.file(path + "/d/e/f", "deep");
        default -> tar.file(path + "/.wh.f" + random.nextInt(3), "");
      }
    }
    return tar.bytes();
  }

  private record Stack(List<Digest> chain, List<byte[]> tars) {
    static Stack random(long seed) {
      Random random = new Random(seed);
      List<Digest> chain = new ArrayList<>();
      List<byte[]> tars = new ArrayList<>();
      for (int i = 0; i < LAYERS; i++) {
        chain.add(digest(100 + i));
        tars.add(layer(random));
      }
      return new Stack(chain, tars);
    }

    Optional<Digest> below(int index) {
      return index == 0 ? Optional.empty() : Optional.of(chain.get(index - 1));
    }
  }

  /** An archive may contradict itself: a file where it has a directory. Then neither way works. */
  private static boolean inOrder(DriverUnpacker unpacker, Stack stack) throws IOException {
    for (int i = 0; i < LAYERS; i++) {
      unpacker.unpack(
          stack.chain.get(i), stack.below(i), new ByteArrayInputStream(stack.tars.get(i)));
    }
    return true;
  }

  private static void inAnyOrder(DriverUnpacker unpacker, Stack stack, long seed)
      throws IOException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, LAYERS).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    List<Filled> filled = new ArrayList<>(Collections.nCopies(LAYERS, null));
    for (int i : order) {
      filled.set(
          i,
          unpacker.fill(
              stack.chain.get(i), stack.below(i), new ByteArrayInputStream(stack.tars.get(i))));
    }
    for (Filled layer : filled) {
      try (layer) {
        layer.commit();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fill_inAnyOrder_isWhatUnpackingInOrderIs(boolean userNamespace) throws IOException {
    int compared = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Stack stack = Stack.random(seed);
      String name = "seed-" + userNamespace + seed;
      try (StorageDriver one = driver(name + "/one", userNamespace);
          StorageDriver other = driver(name + "/other", userNamespace)) {
        Ownership ownership = userNamespace ? Ownership.SQUASH : Ownership.KEEP;
        assertThat(inOrder(new DriverUnpacker(one, ownership, Set::of), stack)).isTrue();
        inAnyOrder(new DriverUnpacker(other, ownership, Set::of), stack, seed);
        for (Digest layer : stack.chain) {
          String diff = layer.hex() + "/diff";
          assertThat(listing(directory.resolve(name + "/other/" + diff)))
              .as("layer %s of seed %d", layer.shortHex(), seed)
              .containsExactlyElementsOf(listing(directory.resolve(name + "/one/" + diff)));
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(SEEDS * LAYERS);
  }

  @Test
  void directories_thatNobodyListed_areLikeThoseThatAreSeenBelow() throws IOException {
    byte[] bottom =
        new LayerArchive()
            .add(TarEntry.directory("kept/").withPermissions(0711).withOwner(3, 4))
            .add(TarEntry.directory("gone/").withPermissions(0700))
            .add(TarEntry.directory("gone/inner/").withPermissions(01777))
            .bytes();
    byte[] middle = new LayerArchive().file(".wh.gone", "").bytes();
    byte[] top = new LayerArchive().file("kept/file", "1").file("gone/inner/file", "1").bytes();
    try (StorageDriver driver = driver("likeness", false)) {
      DriverUnpacker unpacker = new DriverUnpacker(driver, Ownership.KEEP, Set::of);
      Filled above =
          unpacker.fill(digest(3), Optional.of(digest(2)), new ByteArrayInputStream(top));
      unpacker.unpack(digest(1), Optional.empty(), new ByteArrayInputStream(bottom));
      assertThatThrownBy(above::commit).isInstanceOf(NotFoundException.class);
      unpacker.unpack(digest(2), Optional.of(digest(1)), new ByteArrayInputStream(middle));
      above.commit();
      try (Dir tree = Dir.open(directory.resolve("likeness/" + digest(3).hex() + "/diff"))) {
        assertThat(tree.stat("kept").permissions()).isEqualTo(0711);
        assertThat(tree.stat("kept").uid()).isEqualTo(3);
        assertThat(tree.stat("gone").permissions()).isEqualTo(0755);
        assertThat(tree.stat("gone/inner").permissions()).as("deleted below").isEqualTo(0755);
      }
    }
  }

  @Test
  void fill_thatIsClosed_leavesNothing() throws IOException {
    try (StorageDriver driver = driver("closed", false)) {
      DriverUnpacker unpacker = new DriverUnpacker(driver, Ownership.KEEP, Set::of);
      byte[] tar = new LayerArchive().file("a/b", "1").bytes();
      unpacker.fill(digest(2), Optional.of(digest(1)), new ByteArrayInputStream(tar)).close();
      assertThat(directory.resolve("closed/drafts")).isEmptyDirectory();
      assertThat(driver.layers()).isEmpty();
    }
  }
}

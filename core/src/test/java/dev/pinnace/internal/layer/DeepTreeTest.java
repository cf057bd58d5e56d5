package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.spi.storage.LayerChanges;
import dev.pinnace.spi.storage.Whiteouts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that a container has nested: as deep as a layer may be, and deeper. */
class DeepTreeTest {
  private static final int DEEPEST = LayerLimits.defaults().depth();

  @TempDir Path directory;
  private Path upper;
  private Path below;

  @BeforeEach
  void make() throws IOException {
    upper = Files.createDirectory(directory.resolve("upper"));
    below = Files.createDirectory(directory.resolve("below"));
  }

  @AfterEach
  void remove() {
    try (Dir root = Dir.open(directory)) {
      root.removeTree("upper");
    }
  }

  private void nest(String name, int levels) {
    Dir at = Dir.open(upper);
    for (int level = 0; level < levels; level++) {
      at.mkdir(name, 0700);
      Dir next = Dir.of(at.open(name, Fcntl.O_PATH | Fcntl.O_DIRECTORY, 0), "nested");
      at.close();
      at = next;
    }
    at.close();
  }

  private LayerView overlay() {
    return LayerView.open(
        new LayerChanges.Upper(upper, List.of(below), Whiteouts.OVERLAY), IdMap.NONE, IdMap.NONE);
  }

  private LayerView copy() {
    return LayerView.open(new LayerChanges.Full(upper, Optional.of(below)), IdMap.NONE, IdMap.NONE);
  }

  private static byte[] exported(LayerView view) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (view;
        TarWriter tar = new TarWriter(out)) {
      TreeArchive.write(view, tar);
    }
    return out.toByteArray();
  }

  private static byte[] committed(LayerView view) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (view;
        TarWriter tar = new TarWriter(out)) {
      LayerDiff.write(view, Set.of(), tar);
    }
    return out.toByteArray();
  }

  private static int entriesThatCanBeUnpacked(byte[] tar) throws IOException {
    LayerLimits limits = LayerLimits.defaults();
    TarReader reader = new TarReader(new ByteArrayInputStream(tar), limits);
    int entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      LayerPath path = LayerPath.of(entry.name(), limits.depth());
      assertThat(path.name()).isEqualTo("d");
      entries++;
    }
    return entries;
  }

  @Test
  void asDeepAsALayerMayBe_isArchived() throws IOException {
    nest("d", DEEPEST);
    assertThat(entriesThatCanBeUnpacked(exported(overlay()))).isEqualTo(DEEPEST);
    assertThat(entriesThatCanBeUnpacked(committed(overlay()))).isEqualTo(DEEPEST);
    assertThat(entriesThatCanBeUnpacked(committed(copy()))).isEqualTo(DEEPEST);
  }

  @Test
  void deeper_isRefused() {
    nest("d", 2 * DEEPEST);
    String why = "is more than 512 levels deep, and could not be unpacked";
    assertThatThrownBy(() -> exported(overlay()))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(why);
    assertThatThrownBy(() -> committed(overlay()))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(why);
    assertThatThrownBy(() -> committed(copy()))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(why);
  }

  @Test
  void longer_isRefused() {
    nest("n".repeat(250), 17);
    assertThatThrownBy(() -> exported(overlay()))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("has more than 4095 bytes, and could not be unpacked");
  }
}

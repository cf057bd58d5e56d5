package dev.pinnace.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStoreTest {
  private static final String TREE = "files";
  private static final Digest LOWER = digest("lower");
  private static final Digest UPPER = digest("upper");

  @TempDir private Path directory;
  private LayerStore store;

  private static Digest digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @BeforeEach
  void open() {
    store = LayerStore.open(directory.resolve("layers"), TREE, false);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void publish(Digest layer, Optional<Digest> parent) throws IOException {
    Draft draft = store.draft("test");
    Files.createDirectory(store.path(draft, TREE));
    store.publish(draft, layer, parent, Map::of, true);
  }

  @Test
  void contains_whatWasPublished() throws IOException {
    assertThat(store.contains(LOWER)).isFalse();
    publish(LOWER, Optional.empty());
    publish(UPPER, Optional.of(LOWER));
    assertThat(store.contains(LOWER)).isTrue();
    assertThat(store.contains(UPPER)).isTrue();
    assertThat(store.chain(UPPER))
        .extracting(LayerStore.Layer::chainId)
        .containsExactly(UPPER, LOWER);
  }

  @Test
  void contains_notOneWithoutItsFiles() throws IOException {
    publish(LOWER, Optional.empty());
    Files.delete(store.path(LOWER, TREE));
    assertThat(store.contains(LOWER)).isFalse();
    assertThat(store.layers()).contains(LOWER);
    assertThatThrownBy(() -> store.record(LOWER))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("it has no " + store.path(LOWER, TREE));
  }

  @Test
  void contains_notOneWhoseRecordIsDamagedOrGone() throws IOException {
    publish(LOWER, Optional.empty());
    Path record = store.path(LOWER, "layer");
    Files.writeString(record, "parent");
    assertThat(store.contains(LOWER)).isFalse();
    Files.delete(record);
    assertThat(store.contains(LOWER)).isFalse();
    assertThatThrownBy(() -> store.record(LOWER)).isInstanceOf(CorruptException.class);
    assertThatThrownBy(() -> store.record(UPPER)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void publish_replacesWhatIsDamaged() throws IOException {
    publish(LOWER, Optional.empty());
    Files.delete(store.path(LOWER, TREE));
    publish(LOWER, Optional.empty());
    assertThat(store.contains(LOWER)).isTrue();
    assertThat(directory.resolve("layers/removed")).isEmptyDirectory();
    assertThat(directory.resolve("layers/drafts")).isEmptyDirectory();
  }

  @Test
  void publish_onALayerThatIsNotThere_isAConflict() {
    assertThatThrownBy(() -> publish(UPPER, Optional.of(LOWER)))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("its parent " + LOWER + " was removed");
    assertThat(store.contains(UPPER)).isFalse();
  }

  @Test
  void removeAll_keepsThatOnWhichOneStands() throws IOException {
    publish(LOWER, Optional.empty());
    publish(UPPER, Optional.of(LOWER));
    assertThat(store.removeAll(Set.of(LOWER), record -> {})).containsOnly(Map.entry(LOWER, UPPER));
    assertThat(store.removeAll(Set.of(LOWER, UPPER), record -> {})).isEmpty();
    assertThat(store.layers()).isEmpty();
  }
}

package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.durable.FaultPoints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was removed while it was used goes with its last user. */
class KeptImagesTest {
  private static final byte[] LAYER = new TestTar().file("etc/one", "1").bytes();

  @TempDir private Path directory;
  private final MemoryUnpacker unpacker = new MemoryUnpacker();
  private ImageStore store;
  private StoredImage image;

  @BeforeEach
  void load() {
    store = ImageStore.open(directory.resolve("root"), unpacker, Set::of);
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
            + Sha256.of(LAYER)
            + "\"]}}";
    byte[] archive =
        new TestTar()
            .file("l.tar", LAYER)
            .file("c.json", config)
            .file(
                "manifest.json",
                "[{\"Config\":\"c.json\",\"RepoTags\":[\"i:1\"],\"Layers\":[\"l.tar\"]}]")
            .bytes();
    image = store.load(new ByteArrayInputStream(archive)).get(0);
  }

  @AfterEach
  void forget() {
    FaultPoints.listen(point -> {});
  }

  private void remove() {
    store.remove("i:1", true, any -> {});
    store.collect();
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> blobs = Files.walk(directory.resolve("root/content/blobs"))) {
      assertThat(blobs.filter(Files::isRegularFile)).isEmpty();
    }
    assertThat(unpacker.list()).isEmpty();
  }

  @Test
  void keep_removedBeforeItWasSeen_isRefused_andGoes() throws IOException {
    FaultPoints.listen(
        point -> {
          if (point.equals("images pinned")) {
            remove();
          }
        });
    assertThatThrownBy(() -> store.keep(List.of(image)))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("was removed meanwhile");
    assertNothingLeft();
  }

  @Test
  void close_withAFailure_releasesTheImages() throws IOException {
    KeptImages kept = store.keep(List.of(image));
    remove();
    assertThat(unpacker.list()).isNotEmpty();
    FaultPoints.listen(
        point -> {
          if (point.equals("lease ended")) {
            FaultPoints.listen(further -> {});
            throw new IllegalStateException("the first step fails");
          }
        });
    assertThatThrownBy(kept::close).hasMessage("the first step fails");
    assertNothingLeft();
  }
}

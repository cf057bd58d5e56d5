package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.durable.FaultPoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers of images that another boot of the host may not have brought to the disk. */
@Needs("overlay")
class AnotherBootTest extends EngineFixture {
  private static Path blobs() {
    return root().resolve("content/blobs/sha256");
  }

  /** As a pull leaves it that was followed by a power failure. */
  private void powerFailure() throws IOException {
    Image image = engine.images().get(IMAGE);
    engine.close();
    List<String> suspects = new ArrayList<>();
    image.config().chainIds().forEach(layer -> suspects.add(layer.toString()));
    try (Stream<Path> all = Files.list(blobs())) {
      all.forEach(blob -> suspects.add("sha256:" + blob.getFileName()));
    }
    Path marks = Files.createDirectories(root().resolve("content/unsynced"));
    Files.write(marks.resolve("f".repeat(32) + "-1"), suspects);
  }

  @Test
  void start_afterIt_hasTheLayersAgain() throws IOException {
    String id = engine.containers().create(waiting()).id().hex();
    powerFailure();
    engine = engine();
    Container container = engine.containers().get(id);
    container.start();
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
  }

  @Test
  void start_afterABlobWasLost_saysWhatToDo() throws IOException {
    String id = engine.containers().create(waiting()).id().hex();
    Path layer = blobs().resolve(largestBlob());
    byte[] bytes = Files.readAllBytes(layer);
    powerFailure();
    Files.write(layer, new byte[bytes.length]);
    engine = engine();
    Container container = engine.containers().get(id);
    assertThatThrownBy(container::start)
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("pull or load its image again");
    container.remove(true);
    engine.images().remove(IMAGE, true);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void start_thatCannotUnpack_saysWhy(boolean cancelled) throws IOException {
    PinnaceException reason =
        cancelled ? new CancelledException("the reason") : new PinnaceException("the reason");
    String id = engine.containers().create(waiting()).id().hex();
    powerFailure();
    engine = engine();
    Container container = engine.containers().get(id);
    FaultPoints.listen(
        point -> {
          if (point.equals("written layer")) {
            throw reason;
          }
        });
    try {
      assertThatThrownBy(container::start)
          .isInstanceOf(reason.getClass())
          .hasMessageContaining("the reason");
    } finally {
      FaultPoints.listen(point -> {});
    }
    container.start();
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
  }

  private static String largestBlob() throws IOException {
    try (Stream<Path> all = Files.list(blobs())) {
      return all.max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
          .map(Path::getFileName)
          .map(Path::toString)
          .orElseThrow();
    }
  }
}

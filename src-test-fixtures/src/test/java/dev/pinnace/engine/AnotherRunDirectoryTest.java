package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The run directory is gone after a boot, and another one when the root was moved. */
class AnotherRunDirectoryTest extends EngineFixture {
  @Test
  void start_inAnotherRunDirectory_hasItsOwnFiles() throws IOException {
    Container first =
        engine
            .containers()
            .start(shell("busybox cat /etc/hostname").name("moved").hostname("boat"));
    assertThat(first.await().code()).isZero();
    engine.close();
    deleteChildren(runDirectory());

    engine =
        Pinnace.builder().root(root()).runDirectory(PLACE.directory().resolve("elsewhere")).open();
    Container moved = engine.containers().get("moved");
    moved.start();
    assertThat(moved.await().code()).isZero();
    assertThat(moved.logs().text()).isEqualTo("boat\nboat\n");
  }

  private static void deleteChildren(Path directory) throws IOException {
    List<Path> children;
    try (Stream<Path> all = Files.walk(directory)) {
      children = all.sorted(Comparator.reverseOrder()).filter(p -> !p.equals(directory)).toList();
    }
    for (Path child : children) {
      Files.delete(child);
    }
  }
}

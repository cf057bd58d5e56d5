package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.ImageSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a JVM with SIGKILL at every write of a pull. The next engine finds the image, or nothing
 * but partial blobs, and pulls it.
 */
@Needs({"root", "overlay"})
class PullCrashTest {
  @TempDir private Path directory;

  private Pinnace engine(Path root) {
    return Pinnace.builder().root(root).runDirectory(directory.resolve("run")).open();
  }

  @Test
  void pull_killedAtEveryWrite() throws IOException {
    List<String> points = new ArrayList<>();
    try (TestRegistry registry = TestRegistry.start()) {
      ImageBlobs image = new ImageBlobs();
      for (String file : List.of("one", "two")) {
        image.gzipLayer(new LayerArchive().file(file, file).bytes());
      }
      image.putInto(registry.content(), "tool", "1");
      String name = registry.address() + "/tool:1";
      String reached = "";
      while (!reached.equals("done")) {
        int point = points.size() + 1;
        Path root = directory.resolve("root" + point);
        reached = ImagePeer.killedAt(root, directory.resolve("run"), point, "pull", name);
        points.add(reached);
        verify(root, name, "killed at " + point + ", " + reached);
      }
    }
    assertThat(points)
        .contains("lease begun", "marked as not synced", "blob received", "renamed blob")
        .contains("layer appeared", "written index.json", "renamed index.json", "lease ended");
  }

  private void verify(Path root, String name, String what) throws IOException {
    try (Pinnace engine = engine(root)) {
      List<ImageSummary> images = engine.images().list();
      assertThat(images).as(what).allMatch(image -> image.damage().isEmpty());
      if (images.isEmpty()) {
        assertThat(files(root.resolve("content/blobs/sha256"))).as(what).isEmpty();
        assertThat(layers(root)).as(what).isEmpty();
      }
      assertThat(files(root.resolve("content/ingest")))
          .as(what)
          .allMatch(file -> file.toString().matches(".*\\.(partial|layer)"));
      assertThat(files(root.resolve("layers/overlayfs/drafts"))).as(what).isEmpty();
      engine.images().pull(name);
      assertThat(layers(root)).as(what).hasSize(2);
      for (Path blob : files(root.resolve("content/blobs/sha256"))) {
        assertThat(Sha256.of(Files.readAllBytes(blob)).hex())
            .as(what)
            .isEqualTo(String.valueOf(blob.getFileName()));
      }
      assertThat(files(root.resolve("content/ingest"))).as(what).isEmpty();
      engine.images().remove(name, true);
      assertThat(files(root.resolve("content/blobs/sha256"))).as(what).isEmpty();
      assertThat(layers(root)).as(what).isEmpty();
    }
  }

  private static List<Path> files(Path below) throws IOException {
    try (Stream<Path> files = Files.list(below)) {
      return files.toList();
    }
  }

  private static List<Path> layers(Path root) throws IOException {
    return files(root.resolve("layers/overlayfs")).stream()
        .filter(file -> String.valueOf(file.getFileName()).length() == 64)
        .toList();
  }
}

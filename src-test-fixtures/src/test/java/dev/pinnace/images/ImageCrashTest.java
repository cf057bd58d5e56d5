package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.DockerSave;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.ImageSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a JVM with SIGKILL at every write that it makes to blobs, layers, the list of images and
 * what is remembered. The points are counted by the test itself. The next engine finds a valid
 * store, in which the work was done or was not, and nothing else.
 */
@Needs({"root", "busybox"})
class ImageCrashTest {
  @TempDir private Path directory;
  private Path archive = Path.of("");

  @BeforeEach
  void writeArchive() throws IOException {
    DockerSave image =
        new DockerSave(
            "tool",
            "1",
            "true",
            List.of(
                new LayerArchive().file("one", "1").bytes(),
                new LayerArchive().file("two", "2").bytes()));
    archive = Files.write(directory.resolve("tool.tar"), image.classic());
  }

  private Pinnace engine(Path root) {
    return Pinnace.builder().root(root).runDirectory(directory.resolve("run")).open();
  }

  /** Has a JVM do {@code work} on a root of its own, killed at the first write, the second ... */
  private List<String> everyPoint(boolean loaded, String... work) throws IOException {
    List<String> points = new ArrayList<>();
    for (int point = 1; ; point++) {
      Path root = directory.resolve("root-" + work[0] + point);
      if (loaded) {
        try (Pinnace engine = engine(root)) {
          engine.images().load(archive);
        }
      }
      String reached = ImagePeer.killedAt(root, directory.resolve("run"), point, work);
      verify(root, String.join(" ", work) + ", " + reached);
      if (reached.equals("done")) {
        return points;
      }
      points.add(reached);
    }
  }

  private void verify(Path root, String what) throws IOException {
    try (Pinnace engine = engine(root)) {
      List<ImageSummary> images = engine.images().list();
      assertThat(images).as(what).allMatch(image -> image.damage().isEmpty());
      assertNothingElse(root, what);
      if (images.isEmpty()) {
        // Neither half of an image nor what it was made of.
        assertThat(files(root, "content/blobs")).as(what).isEmpty();
        assertThat(layers(root)).as(what).isEmpty();
      }
      for (Path blob : files(root, "content/blobs")) {
        assertThat(Sha256.of(Files.readAllBytes(blob)).hex())
            .as(what)
            .isEqualTo(String.valueOf(blob.getFileName()));
      }
      engine.images().load(archive);
      assertThat(engine.images().get("tool:1").references()).as(what).contains("tool:1");
      engine.images().fromHost("busybox");
      for (ImageSummary image : engine.images().list()) {
        engine.images().remove(image.id().toString(), true);
      }
      assertThat(files(root, "content/blobs")).as("%s: all was reachable", what).isEmpty();
      assertThat(layers(root)).as("%s: all was reachable", what).isEmpty();
    }
    assertNothingElse(root, what);
  }

  private static void assertNothingElse(Path root, String what) throws IOException {
    assertThat(files(root, "content/ingest")).as(what).isEmpty();
    assertThat(files(root, "leases")).as(what).allMatch(file -> file.endsWith("gc.lock"));
    assertThat(files(root, ".")).as(what).noneMatch(file -> file.toString().endsWith(".part"));
    for (Path driver : children(root.resolve("layers"))) {
      if (Files.isDirectory(driver)) {
        assertThat(driver.resolve("drafts")).as(what).isEmptyDirectory();
        assertThat(driver.resolve("removed")).as(what).isEmptyDirectory();
        if (Files.isDirectory(driver.resolve("l"))) {
          assertThat(children(driver.resolve("l"))).as(what).allMatch(Files::isDirectory);
        }
      }
    }
  }

  private static List<Path> children(Path of) throws IOException {
    try (Stream<Path> children = Files.list(of)) {
      return children.toList();
    }
  }

  private static List<Path> layers(Path root) throws IOException {
    List<Path> layers = new ArrayList<>();
    for (Path driver : children(root.resolve("layers"))) {
      if (Files.isDirectory(driver)) {
        children(driver).stream()
            .filter(file -> String.valueOf(file.getFileName()).length() == 64)
            .forEach(layers::add);
      }
    }
    return layers;
  }

  private static List<Path> files(Path root, String below) throws IOException {
    if (!Files.exists(root.resolve(below))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root.resolve(below))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void open_killedAtEveryWrite() throws IOException {
    assertThat(everyPoint(false, "open"))
        .contains("written oci-layout", "renamed index.json", "renamed driver");
  }

  @Test
  void load_killedAtEveryWrite() throws IOException {
    assertThat(everyPoint(false, "load", archive.toString()))
        .contains("lease begun", "written blob", "renamed layer", "layer appeared")
        .contains("renamed blob", "written index.json", "renamed index.json", "lease ended");
  }

  @Test
  void fromHost_killedAtEveryWrite() throws IOException {
    assertThat(everyPoint(false, "host", "busybox"))
        .anyMatch(point -> point.startsWith("written host-"))
        .anyMatch(point -> point.startsWith("renamed host-"));
  }

  @Test
  void tagAndRemove_killedAtEveryWrite() throws IOException {
    assertThat(everyPoint(true, "tag", "tool:1")).contains("renamed index.json");
    assertThat(everyPoint(true, "remove", "tool:1")).contains("layer vanished", "blob removed");
  }
}

package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.images.DockerSave;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docker save} writes, in both shapes, is one image and runs. */
@Needs({"root", "busybox"})
class DockerSaveTest {
  @TempDir private Path directory;

  private Pinnace engine(String root) {
    return Pinnace.builder()
        .root(directory.resolve(root))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  private static DockerSave saved() throws IOException {
    byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox").toRealPath());
    return new DockerSave(
        "saved",
        "1.2",
        "cat /etc/motd",
        List.of(
            new LayerArchive()
                .dir("bin/")
                .executable("bin/busybox", busybox)
                .symlink("bin/sh", "busybox")
                .symlink("bin/cat", "busybox")
                .file("etc/motd", "below\n")
                .bytes(),
            new LayerArchive().file("etc/motd", "hello\n").bytes()));
  }

  private Path archive(String tag, byte[] layer, byte[] stored) throws IOException {
    Path archive = Files.createDirectory(directory.resolve(tag));
    Files.write(archive.resolve("layer"), stored);
    Files.writeString(
        archive.resolve("config.json"),
        """
        {"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["%s"]}}"""
            .formatted(Sha256.of(layer)));
    Files.writeString(
        archive.resolve("manifest.json"),
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"sized:%s\"],\"Layers\":[\"layer\"]}]"
            .formatted(tag));
    return archive;
  }

  @Test
  void size_isThatOfTheFiles_howeverLayersAreStored() throws IOException {
    byte[] layer = new LayerArchive().file("a", "x".repeat(10_000)).file("b", "y").bytes();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(layer);
    }
    try (Pinnace engine = engine("sized")) {
      Image plain = engine.images().load(archive("plain", layer, layer)).get(0);
      Image small = engine.images().load(archive("packed", layer, packed.toByteArray())).get(0);
      assertThat(small.id()).isEqualTo(plain.id());
      assertThat(List.of(plain.size(), small.size())).containsOnly(Bytes.of(10_001));
      assertThat(engine.images().list())
          .hasSize(2)
          .allMatch(
              image -> image.size().equals(Bytes.of(10_001)) && image.id().equals(plain.id()));
      forgetSizes();
      assertThat(small.size()).as("as it is stored").isEqualTo(Bytes.of(packed.size()));
    }
  }

  /** As layers were recorded before. */
  private void forgetSizes() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("sized").resolve("layers"))) {
      for (Path record : files.filter(file -> file.endsWith("layer")).toList()) {
        String text = Files.readString(record);
        assertThat(text).contains("size 10001\n");
        Files.writeString(record, text.replace("size 10001\n", ""));
      }
    }
  }

  @Test
  void nulsOfAConfiguration_areLoaded_andRefusedWhereTheyAreUsed() throws IOException {
    Path archive = Files.createDirectory(directory.resolve("nul"));
    Files.writeString(
        archive.resolve("config.json"),
        """
        {"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]},
         "config":{"User":"0\\u0000","Env":["A=\\u0000"],"Entrypoint":["/x\\u0000"],
          "Cmd":["\\u0000"],"WorkingDir":"/w\\u0000","Labels":{"l\\u0000":"\\u0000"}}}""");
    Files.writeString(
        archive.resolve("manifest.json"),
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"nul:1\"],\"Layers\":[]}]");
    try (Pinnace engine = engine("nul-root")) {
      Image nul = engine.images().load(archive).get(0);
      assertThat(nul.config().config().labels()).containsEntry("l\0", "\0");
      ContainerSpecBuilder spec = image("nul:1");
      assertRefused(engine, spec, "User");
      assertRefused(engine, spec.user("0"), "Entrypoint or Cmd");
      assertRefused(engine, spec.entrypoint("/bin/true"), "Env");
      assertRefused(engine, spec.env("A", "1"), "WorkingDir");
      assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
      engine.containers().create(spec.workdir("/")).remove(true);
    }
  }

  private static void assertRefused(Pinnace engine, ContainerSpecBuilder spec, String member) {
    assertThatThrownBy(() -> engine.containers().create(spec))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the image nul:1 cannot be used as it is: its " + member);
  }

  @Test
  void load_bothShapes_giveTheSameImageAndRun() throws IOException {
    Image classic;
    try (Pinnace engine = engine("classic")) {
      Path archive = Files.write(directory.resolve("classic.tar"), saved().classic());
      classic = engine.images().load(archive).get(0);
      assertThat(classic.references()).containsExactly("saved:1.2");
      assertThat(engine.containers().run(image("saved:1.2")).stdout()).isEqualTo("hello\n");
    }
    try (Pinnace engine = engine("blobs")) {
      Image blobs = engine.images().load(new ByteArrayInputStream(saved().blobs())).get(0);
      assertThat(blobs.id()).isEqualTo(classic.id());
      assertThat(blobs.references()).containsExactly("saved:1.2");
      assertThat(engine.containers().run(image("saved:1.2")).stdout()).isEqualTo("hello\n");
    }
  }
}

package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A container over sixty layers: by {@code lowerdir+} on this host, by mount(2) with short names on
 * 6.1, where no option of fsconfig(2) is long enough.
 */
@Tag("vm-too")
@Needs({"root", "overlay", "busybox"})
class ManyLayersTest {
  private static final int LAYERS = 60;

  @Test
  void run_overSixtyLayers_seesEachOfThem(@TempDir Path directory) throws Exception {
    Path archive = directory.resolve("image.tar");
    write(archive);
    try (Pinnace pinnace =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .storage("overlayfs")
            .open()) {
      Image image = pinnace.images().load(archive).get(0);
      var result =
          pinnace
              .containers()
              .run(
                  ContainerSpec.image(image.id().toString())
                      .command("/busybox", "sh", "-c", "/busybox cat /top; /busybox ls /each"));

      assertThat(result.stderr()).isEmpty();
      assertThat(result.stdout().lines().findFirst()).contains("layer " + (LAYERS - 1));
      assertThat(result.stdout().lines()).hasSize(LAYERS + 1);
    }
  }

  private static void write(Path archive) throws IOException, NoSuchAlgorithmException {
    List<String> names = new ArrayList<>();
    List<String> diffIds = new ArrayList<>();
    try (OutputStream out = Files.newOutputStream(archive);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (int number = 0; number < LAYERS; number++) {
        byte[] layer = layer(number);
        names.add("\"" + number + ".tar\"");
        diffIds.add(
            "\"sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(layer))
                + "\"");
        add(tar, number + ".tar", layer, 0644);
      }
      add(
          tar,
          "config.json",
          text(
              "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":"
                  + "{\"type\":\"layers\",\"diff_ids\":"
                  + diffIds
                  + "}}"),
          0644);
      add(
          tar,
          "manifest.json",
          text(
              "[{\"Config\":\"config.json\",\"RepoTags\":[\"layers:60\"],\"Layers\":"
                  + names
                  + "}]"),
          0644);
    }
  }

  private static byte[] layer(int number) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      if (number == 0) {
        add(tar, "busybox", Files.readAllBytes(busybox()), 0755);
      }
      add(tar, "top", text("layer " + number + "\n"), 0644);
      add(tar, "each/" + number, text("x"), 0644);
    }
    return bytes.toByteArray();
  }

  private static Path busybox() {
    return Files.exists(Path.of("/bin/busybox"))
        ? Path.of("/bin/busybox")
        : Path.of("/usr/bin/busybox");
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] content, int mode)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    entry.setMode(mode);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}

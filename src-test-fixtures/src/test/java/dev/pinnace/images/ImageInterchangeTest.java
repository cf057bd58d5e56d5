package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.host.HostImage;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.storage.vfs.VfsProvider;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images made by umoci and skopeo are loaded, and skopeo reads the store. */
@Needs({"root", "skopeo", "umoci", "busybox"})
class ImageInterchangeTest {
  @TempDir private Path directory;
  private StorageDriver driver;
  private ImageStore store;

  @BeforeEach
  void open() throws Exception {
    driver =
        new VfsProvider()
            .open(directory.resolve("layers"), StorageOptions.DEFAULTS.withSyncOnCommit(false));
    store =
        ImageStore.open(
            directory.resolve("root"),
            new DriverUnpacker(driver, LayerOptions.Ownership.KEEP, Set::of),
            Set::of);
    run("umoci", "init", "--layout", "busy");
    run("umoci", "new", "--image", "busy:base");
    Files.createDirectories(directory.resolve("bin"));
    Files.copy(Path.of("/bin/busybox").toRealPath(), directory.resolve("bin/busybox"));
    Files.createSymbolicLink(directory.resolve("bin/sh"), Path.of("busybox"));
    run("umoci", "insert", "--image", "busy:base", "bin", "/bin");
    Files.writeString(directory.resolve("motd"), "hello\n");
    run("umoci", "insert", "--image", "busy:base", "motd", "/etc/motd");
    run(
        "umoci",
        "config",
        "--image",
        "busy:base",
        "--config.cmd",
        "/bin/sh",
        "--config.env",
        "A=b");
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private String run(String... command) throws IOException, InterruptedException {
    File errors = directory.resolve("stderr").toFile();
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor())
        .as("%s: %s", String.join(" ", command), Files.readString(errors.toPath()))
        .isZero();
    return output;
  }

  private void assertHoldsBusybox(StoredImage image) throws IOException {
    assertThat(image.config().config().cmd()).containsExactly("/bin/sh");
    assertThat(image.config().config().env()).contains("A=b");
    try (SnapshotTree tree = driver.view(image.topLayer().orElseThrow())) {
      assertThat(tree.path().resolve("bin/busybox"))
          .hasSameBinaryContentAs(Path.of("/bin/busybox"));
      assertThat(Files.readSymbolicLink(tree.path().resolve("bin/sh"))).hasToString("busybox");
      assertThat(tree.path().resolve("etc/motd")).hasContent("hello\n");
    }
  }

  @Test
  void load_layoutOfUmoci() throws Exception {
    StoredImage image = store.load(directory.resolve("busy")).get(0);
    assertThat(image.names())
        .extracting(ImageReference::toString)
        .containsExactly("localhost/busy:base");
    assertHoldsBusybox(image);
    run("tar", "-C", "busy", "-czf", "busy.tar.gz", ".");
    assertThat(store.load(directory.resolve("busy.tar.gz")).get(0)).isEqualTo(image);
  }

  @Test
  void load_dockerArchiveOfSkopeo() throws Exception {
    run("skopeo", "--insecure-policy", "copy", "oci:busy:base", "docker-archive:d.tar:tool:1");
    StoredImage image = store.load(directory.resolve("d.tar")).get(0);
    assertThat(image.names()).extracting(ImageReference::familiar).containsExactly("tool:1");
    String config = run("skopeo", "inspect", "--config", "--raw", "docker-archive:d.tar");
    assertThat(image.id()).isEqualTo(Sha256.of(config.getBytes(StandardCharsets.UTF_8)));
    assertHoldsBusybox(image);
    run("zstd", "-q", "d.tar", "-o", "d.tar.zst");
    assertThat(store.load(directory.resolve("d.tar.zst")).get(0)).isEqualTo(image);
    assertThatThrownBy(() -> store.load(truncated("d.tar")))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("d.tar.cut");
    assertThat(store.list()).containsExactly(image);
  }

  private Path truncated(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve(file));
    return Files.write(directory.resolve(file + ".cut"), Arrays.copyOf(bytes, bytes.length / 2));
  }

  @Test
  void load_ociArchiveOfSkopeoWithTwoImages() throws Exception {
    run("skopeo", "--insecure-policy", "copy", "oci:busy:base", "oci:two:ghcr.io/ann/one:1");
    run("skopeo", "--insecure-policy", "copy", "oci:busy:base", "oci:two:two:2");
    run("tar", "-C", "two", "-cf", "two.tar", ".");
    assertThat(store.load(directory.resolve("two.tar")))
        .flatExtracting(StoredImage::names)
        .extracting(ImageReference::toString)
        .containsExactlyInAnyOrder("ghcr.io/ann/one:1", "docker.io/library/two:2");
    assertHoldsBusybox(store.get("two:2"));
  }

  @Test
  void store_isALayoutThatSkopeoReads() throws Exception {
    StoredImage image = store.load(directory.resolve("busy")).get(0);
    run(
        "skopeo",
        "--insecure-policy",
        "copy",
        "oci:root/content:localhost/busy:base",
        "docker-archive:out.tar:again:1");
    StoredImage again = store.load(directory.resolve("out.tar")).get(0);
    assertThat(again.config().diffIds()).isEqualTo(image.config().diffIds());
    StoredImage host = store.fromHost(HostImage.of("sh", "ls"), remark -> {});
    String inspected = run("skopeo", "inspect", "--raw", "oci:root/content:localhost/host:latest");
    assertThat(Sha256.of(inspected.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(host.manifestDigest());
    try (SnapshotTree tree = driver.view(host.topLayer().orElseThrow())) {
      // The tree is a mount that is attached nowhere: another process gets there by our descriptor.
      String root =
          tree.path()
              .toString()
              .replace("/proc/self/", "/proc/" + ProcessHandle.current().pid() + "/");
      Process shell =
          new ProcessBuilder("chroot", root, "sh", "-c", "ls /etc")
              .redirectErrorStream(true)
              .start();
      String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(shell.waitFor()).as(output).isZero();
      assertThat(output).isEqualTo("group\npasswd\n");
    }
    store.remove("localhost/busy:base", false, any -> {});
    store.remove("again:1", false, any -> {});
    store.collect();
    assertThat(driver.layers()).containsExactlyElementsOf(host.config().chainIds());
  }
}

package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.SaveOptions;
import dev.pinnace.spec.SaveOptions.Format;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Pinnace saves and exports is read by skopeo, umoci and podman; theirs by Pinnace. */
@Needs({"root", "skopeo", "umoci", "podman", "busybox", "tar"})
class ArchiveInterchangeTest {
  @TempDir private Path directory;

  /** Podman refuses run directories whose path is longer than 50 characters. */
  private Path podman;

  private Pinnace pinnace;
  private Image base;
  private Image made;

  @BeforeEach
  void open() throws IOException {
    podman = Files.createTempDirectory(Path.of("/tmp"), "pd");
    pinnace = engine("root");
    base = pinnace.images().host("busybox").named("localhost/busy:1").build();
    Container container =
        pinnace
            .containers()
            .start(
                image("localhost/busy:1")
                    .command(
                        "busybox",
                        "sh",
                        "-c",
                        "echo hi >/motd; busybox ln /motd /again; busybox rm /etc/group;"
                            + " busybox chown 5:6 /motd; busybox mknod /null c 1 3"));
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    made = container.commit(CommitSpec.named("localhost/made:2").withChange("ENV A=b"));
  }

  private Pinnace engine(String name) {
    return Pinnace.builder()
        .root(directory.resolve(name))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  @AfterEach
  void close() throws Exception {
    pinnace.close();
    podman("rm", "-af");
    podman("rmi", "-af");
    try (Dir tmp = Dir.open(Path.of("/tmp"))) {
      tmp.removeTree(String.valueOf(podman.getFileName()));
    }
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    File errors = directory.resolve("stderr").toFile();
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor())
        .as("%s: %s", String.join(" ", command), Files.readString(errors.toPath()))
        .isZero();
    return output;
  }

  private String run(String... command) throws IOException, InterruptedException {
    return run(List.of(command));
  }

  private String podman(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "podman",
                "--root=" + podman.resolve("root"),
                "--runroot=" + podman.resolve("run"),
                "--tmpdir=" + podman.resolve("tmp"),
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private Path save(Format format, String... references) {
    Path target = directory.resolve("saved-" + format);
    pinnace.images().save(List.of(references), target, SaveOptions.of(format));
    return target;
  }

  private void assertLoads(String file) {
    try (Pinnace other = engine("other-" + file)) {
      assertThat(other.images().load(directory.resolve(file)))
          .extracting(Image::id)
          .containsExactlyInAnyOrder(base.id(), made.id());
      assertThat(other.images().get("localhost/made:2").config()).isEqualTo(made.config());
      assertThat(
              other
                  .containers()
                  .run(
                      image("localhost/made:2").command("busybox", "stat", "-c", "%u:%h", "/again"))
                  .stdout())
          .isEqualTo("5:2\n");
    }
  }

  @Test
  void dockerArchive_goesThroughPodmanAndBack() throws Exception {
    Path saved = save(Format.DOCKER_ARCHIVE, "localhost/busy:1", "localhost/made:2");
    podman("load", "-q", "-i", saved.toString());
    assertThat(podman("images", "--no-trunc", "--format", "{{.ID}}"))
        .contains(base.id().toString(), made.id().toString());
    podman("save", "-q", "-m", "-o", "podman.tar", "localhost/busy:1", "localhost/made:2");
    assertLoads("podman.tar");
    podman("save", "-q", "--format", "oci-archive", "-o", "podman.oci", "localhost/made:2");
    try (Pinnace other = engine("other")) {
      // Podman writes the configuration anew when it goes from Docker's words to those of OCI.
      Image image = other.images().load(directory.resolve("podman.oci")).get(0);
      assertThat(image.config().diffIds()).isEqualTo(made.config().diffIds());
      assertThat(image.config().config().env()).isEqualTo(made.config().config().env());
    }
  }

  @Test
  void export_equalsThatOfPodman() throws Exception {
    podman("load", "-q", "-i", save(Format.DOCKER_ARCHIVE, "localhost/made:2").toString());
    String id = podman("create", "--network", "none", "localhost/made:2", "x").strip();
    podman("export", "-o", "podman.tar", id);
    pinnace
        .containers()
        .create(image("localhost/made:2").command("busybox", "true"))
        .export(directory.resolve("pinnace.tar"));
    assertThat(listing("pinnace.tar")).isEqualTo(listing("podman.tar"));
  }

  private List<String> listing(String tar) throws Exception {
    return run("tar", "-tvf", tar, "--numeric-owner").lines().sorted().toList();
  }

  @Test
  void ociLayouts_areReadByOthers() throws Exception {
    Path saved = save(Format.OCI_DIRECTORY, "localhost/made:2");
    run("umoci", "unpack", "--image", saved.getFileName() + ":localhost/made:2", "bundle");
    assertThat(directory.resolve("bundle/rootfs/motd")).hasContent("hi\n");
    assertThat(Files.getAttribute(directory.resolve("bundle/rootfs/again"), "unix:nlink"))
        .isEqualTo(2);
    assertThat(directory.resolve("bundle/rootfs/etc/group")).doesNotExist();
    save(Format.OCI_ARCHIVE, "localhost/made:2");
    podman("load", "-q", "-i", "saved-OCI_ARCHIVE");
    assertThat(podman("images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"))
        .contains(made.id() + " localhost/made:2");
  }

  @Test
  void archives_goThroughSkopeoAndBack() throws Exception {
    Path saved = save(Format.DOCKER_ARCHIVE, "localhost/busy:1", "localhost/made:2");
    String config =
        run(
            "skopeo",
            "inspect",
            "--config",
            "--raw",
            "docker-archive:" + saved.getFileName() + ":localhost/made:2");
    assertThat(dev.pinnace.internal.content.Sha256.of(config.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(made.id());
    run(
        "skopeo",
        "--insecure-policy",
        "copy",
        "docker-archive:" + saved.getFileName() + ":localhost/made:2",
        "docker-archive:skopeo.tar:localhost/made:2");
    try (Pinnace other = engine("other")) {
      assertThat(other.images().load(directory.resolve("skopeo.tar")).get(0).id())
          .isEqualTo(made.id());
    }
    save(Format.OCI_ARCHIVE, "localhost/busy:1", "localhost/made:2");
    for (String name : List.of("localhost/busy:1", "localhost/made:2")) {
      run(
          "skopeo",
          "--insecure-policy",
          "copy",
          "oci-archive:saved-OCI_ARCHIVE:" + name,
          "oci:skopeo:" + name);
    }
    assertLoads("skopeo");
  }

  @Test
  void stream_ofSeveralImages_isReadAsAStream() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pinnace.images().save(List.of("localhost/busy:1", "localhost/made:2"), out);
    try (Pinnace other = engine("other")) {
      assertThat(other.images().load(new ByteArrayInputStream(out.toByteArray())))
          .extracting(Image::references)
          .containsExactlyInAnyOrder(List.of("localhost/busy:1"), List.of("localhost/made:2"));
    }
  }

  @Test
  void exportAndImport_giveTheSameFiles() {
    Container container =
        pinnace.containers().create(image("localhost/made:2").command("busybox", "true"));
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    container.export(first);
    pinnace
        .images()
        .importTar(
            new ByteArrayInputStream(first.toByteArray()),
            ImportSpec.named("flat:1").withChange("CMD [\"busybox\", \"cat\", \"/motd\"]"));
    assertThat(pinnace.containers().run(image("flat:1")).stdout()).isEqualTo("hi\n");
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    pinnace.containers().create(image("flat:1")).export(second);
    assertThat(second.toByteArray()).isEqualTo(first.toByteArray());
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.FileSpec;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a specification, which are there before the program begins. */
class PreparedFilesTest extends EngineFixture {
  @TempDir Path host;

  private static final String STAT = "busybox stat -c '%a %u:%g' ";

  private String run(ContainerSpecBuilder spec) {
    return engine.containers().run(spec).stdout();
  }

  @Test
  void file_ofRun_isThereFirst_withItsDirectories() {
    assertThat(
            run(
                shell("busybox cat /etc/app/x.conf; " + STAT + "/etc/app/x.conf /etc/app")
                    .file("/etc/app/x.conf", "port = 1\n")))
        .isEqualTo("port = 1\n644 0:0\n755 0:0\n");
  }

  @Test
  void file_inAReadOnlyRoot_isThereToo() {
    assertThat(run(shell("busybox cat /etc/x; echo more >/etc/x").file("/etc/x", "x\n").readOnly()))
        .isEqualTo("x\n");
  }

  @Test
  void file_thatEachContainerHas_isRefused() {
    for (String own : List.of("/etc/hosts", "/etc//hostname", "/etc/resolv.conf")) {
      assertThatThrownBy(() -> FileSpec.of(own, "x"))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("made anew at each start");
    }
  }

  @Test
  void file_modeAndOwner_areThoseAskedFor() {
    FileSpec file = FileSpec.of("/s", new byte[] {'#'}).withMode(04750).withOwner(7, 8);
    assertThat(run(shell(STAT + "/s").file(file))).isEqualTo("4750 7:8\n");
  }

  @Test
  void file_ofTheHost_isCopiedWithItsPermissions() throws IOException {
    byte[] content = new byte[3_000_001];
    new Random(1).nextBytes(content);
    Path source = Files.write(host.resolve("big"), content);
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwx-w---x"));
    Container container = engine.containers().create(waiting().file("/srv/big", source));
    Files.delete(source);
    container.start();
    container.copyOut("/srv/big", host.resolve("back"));
    assertThat(host.resolve("back")).hasBinaryContent(content);
    assertThat(container.execute("busybox", "stat", "-c", "%a", "/srv/big").stdout())
        .isEqualTo("721\n");
    assertThat(container.inspect().spec().files()).isEmpty();
  }

  @Test
  void file_ofStartAndScoped_isThereFirst() {
    Container started =
        engine
            .containers()
            .start(shell("busybox cat /a; exec busybox sleep 600").file("/a", "1\n"));
    eventually(() -> started.logs().text().equals("1\n"));
    try (ScopedContainer scoped =
        engine
            .containers()
            .scoped(shell("busybox cat /a; exec busybox sleep 600").file("/a", "2\n"))) {
      eventually(() -> scoped.logs().text().equals("2\n"));
    }
  }

  @Test
  void file_givenTwice_theLaterCounts_andReplacesTheImages() {
    assertThat(
            run(
                shell("busybox cat /etc/passwd")
                    .file("/etc/passwd", "first")
                    .file("/etc/passwd", "root:x:0:0::/:\n")))
        .isEqualTo("root:x:0:0::/:\n");
  }

  @Test
  void file_throughALink_staysInTheContainer() throws IOException {
    Path outside = Files.createDirectory(host.resolve("outside"));
    Container linked =
        engine
            .containers()
            .start(shell("busybox ln -s " + outside + " /out; busybox mkdir -p /real"));
    linked.await();
    String image = linked.commit(CommitSpec.unnamed()).id().toString();
    assertThat(
            run(
                ContainerSpec.image(image)
                    .command("busybox", "cat", outside + "/f")
                    .file("/real/../out/f", "inside\n")))
        .isEqualTo("inside\n");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void file_onABindMount_isWrittenThere() {
    assertThat(
            run(shell("busybox cat /m/f").mount(Mount.bind(host).at("/m")).file("/m/f", "bound\n")))
        .isEqualTo("bound\n");
    assertThat(host.resolve("f")).hasContent("bound\n");
  }

  @Test
  void file_inMemory_isRefused_andNothingIsLeft() {
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .start(waiting().mount(Mount.tmpfs().at("/run")).file("/run/x", "")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is in memory");
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void file_missingOnTheHost_orNoFile_isRefused() {
    assertThatThrownBy(() -> run(waiting().file("/x", host.resolve("none"))))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(host.resolve("none").toString());
    assertThatThrownBy(() -> run(waiting().file("/x", host)))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> run(waiting().file("/etc", "a directory is there")))
        .isInstanceOf(PinnaceException.class);
    assertThat(engine.containers().list()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "/", "/x/", "/x/.", "/x/..", "/a\0b"})
  void file_pathThatNamesNone_isRefused(String path) {
    assertThatThrownBy(() -> FileSpec.of(path, "")).isInstanceOf(InvalidSpecException.class);
  }
}

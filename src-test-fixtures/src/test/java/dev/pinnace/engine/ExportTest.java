package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Mount;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of containers, as tars. */
@Needs("tar")
class ExportTest extends EngineFixture {
  @TempDir private Path directory;

  private static byte[] exported(Container container) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    container.export(out);
    return out.toByteArray();
  }

  private static List<String> listed(byte[] tar) throws Exception {
    Process process =
        new ProcessBuilder("tar", "-tv", "--numeric-owner", "--xattrs", "--xattrs-include=*")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread feeding =
        new Thread(
            () -> {
              try (OutputStream in = process.getOutputStream()) {
                new ByteArrayInputStream(tar).transferTo(in);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    feeding.start();
    String listing = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    feeding.join();
    assertThat(process.waitFor()).isZero();
    return listing.lines().toList();
  }

  @Test
  void export_whileItRunsPausedAndEnded_isTheSame() throws Exception {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell(
                        "echo hello >/greeting; busybox ln /greeting /again; busybox rm /etc/group;"
                            + " busybox mkfifo /pipe; busybox mknod /node c 1 3; busybox chown 5:6 /again;"
                            + " busybox nc -lU /socket 2>/dev/null & echo ready; trap 'exit 0' TERM;"
                            + " while :; do busybox sleep 0.05; done")));
    byte[] running = exported(container);
    container.pause();
    assertThat(exported(container)).isEqualTo(running);
    container.unpause();
    container.stop();
    assertThat(exported(container)).isEqualTo(running);
    assertThat(listed(running))
        .anyMatch(line -> line.matches("-rw-r--r-- +5/6 +6 .* again"))
        .anyMatch(line -> line.matches("hrw-r--r-- +5/6 +0 .* greeting link to again"))
        .anyMatch(line -> line.matches("prw-r--r-- +0/0 .* pipe"))
        .anyMatch(line -> line.matches("crw-r--r-- +0/0 +1,3 .* node"))
        .anyMatch(line -> line.matches("drwxr-xr-x +0/0 .* proc/"))
        .noneMatch(line -> line.contains("etc/group") || line.contains("proc/1"))
        .noneMatch(line -> line.endsWith(" ./") || line.endsWith("socket"));
  }

  @Test
  void export_ofMounts_hasTheEmptyPlacesOnly() throws Exception {
    Files.writeString(directory.resolve("secret"), "of a volume");
    Container container =
        ready(engine.containers().start(waiting().mount(Mount.bind(directory).at("/volume"))));
    assertThat(listed(exported(container)))
        .anyMatch(line -> line.endsWith(" volume/"))
        .noneMatch(line -> line.contains("secret"));
  }

  @Test
  void export_toAFile_isWholeOrNothing() throws Exception {
    Container container = engine.containers().create(shell("true"));
    Path file = directory.resolve("out.tar");
    container.export(file);
    assertThat(file).hasBinaryContent(exported(container));
    assertThatThrownBy(() -> container.export(directory)).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> container.export(directory.resolve("no/where.tar")))
        .isInstanceOf(NotFoundException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> container.export(directory.resolve("second.tar")))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(children(directory)).containsExactly(file);
    container.export(Path.of("/dev/null"));
    container.remove(true);
    assertThatThrownBy(() -> container.export(file)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void export_toAFullDisk_fails() {
    Container container = engine.containers().create(shell("true"));
    assertThatThrownBy(() -> container.export(Path.of("/dev/full")))
        .hasMessageContaining("No space left");
  }

  @Test
  void export_ofAContainerThatFights_ends() throws Exception {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell(
                        "busybox mkdir /d; echo ready; while :; do"
                            + " echo 1 >/d/f; busybox rm /d/f; busybox mkfifo /d/f; busybox rm /d/f;"
                            + " busybox ln -s /etc/shadow /d/f; busybox rm /d/f; busybox mkdir /d/f;"
                            + " busybox rmdir /d/f; done")));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    while (System.nanoTime() < end) {
      assertThat(listed(exported(container))).anyMatch(line -> line.endsWith(" d/"));
    }
  }
}

package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.SaveOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saves, commits and imports on a disk that becomes full. */
@Needs({"root", "busybox", "mount"})
class SmallDiskTest {
  @TempDir private Path directory;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=24m", "small", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", disk.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private List<String> files() {
    try (Stream<Path> files = Files.walk(disk)) {
      return files
          .map(file -> disk.relativize(file).toString())
          .filter(file -> !file.contains("/work/") && !file.endsWith("index.lock"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatDoesNotFit_leavesNothing() throws IOException {
    try (Pinnace engine =
        Pinnace.builder()
            .root(disk.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .open()) {
      engine.images().host("busybox").named("busy:1").build();
      Container container =
          engine
              .containers()
              .start(
                  image("busy:1")
                      .command("busybox", "dd", "if=/dev/urandom", "of=/big", "bs=1M", "count=8"));
      assertThat(container.await().code()).isZero();
      List<String> before = files();
      Path big = Files.write(directory.resolve("big.tar"), new byte[0]);
      container.export(big);

      assertFull(() -> container.commit(CommitSpec.named("made:1")), before);
      assertThatThrownBy(() -> engine.images().importTar(big, ImportSpec.named("made:1")))
          .as("refused before the disk is full")
          .isInstanceOf(PinnaceException.class)
          .hasMessageContaining("there is no room here");
      assertThat(files()).isEqualTo(before);
      Files.write(disk.resolve("filler"), new byte[(int) (usable() - (1 << 20))]);
      List<String> filled = files();
      Path target = disk.resolve("saved");
      for (SaveOptions.Format format : SaveOptions.Format.values()) {
        assertFull(
            () -> engine.images().save(List.of("busy:1"), target, SaveOptions.of(format)), filled);
      }
      assertFull(() -> container.export(target), filled);
      Files.delete(disk.resolve("filler"));
      engine.images().save(List.of("busy:1"), target, SaveOptions.defaults());
      assertThat(engine.images().list()).hasSize(1);
      container.remove(true);
    }
  }

  private long usable() throws IOException {
    return Files.getFileStore(disk).getUsableSpace();
  }

  private void assertFull(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable work, List<String> before) {
    assertThatThrownBy(work)
        .isInstanceOf(PinnaceException.class)
        .hasMessageMatching("(?s).*(No space left|ENOSPC).*");
    assertThat(files()).isEqualTo(before);
  }
}

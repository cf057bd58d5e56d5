package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without a free block: what is on it must be removable. */
@Needs({"root", "busybox"})
class FullDiskRemovalTest {
  @TempDir private Path directory;
  private Path disk = Path.of("");

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    call("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    call("umount", disk.toString());
  }

  private static void call(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private Pinnace open() {
    return Pinnace.builder()
        .root(disk.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  private void fill() {
    byte[] block = new byte[4096];
    assertThatThrownBy(
            () -> {
              try (OutputStream out =
                  Files.newOutputStream(disk.resolve("full"), StandardOpenOption.CREATE)) {
                while (true) {
                  out.write(block);
                }
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void remove_onAFullDisk_freesSpaceAndCanBeDoneAgain() {
    try (Pinnace pinnace = open()) {
      for (String name : new String[] {"one", "two"}) {
        pinnace.images().host("busybox").named(name).build();
      }
      fill();
      for (String name : new String[] {"one", "two"}) {
        assertThat(pinnace.images().remove(name, false).untagged()).isNotEmpty();
        assertThat(pinnace.images().find(name)).isEmpty();
      }
      assertThat(disk.resolve("root/content/blobs/sha256")).isEmptyDirectory();
      assertThat(disk.resolve("root/leases")).isDirectoryNotContaining("glob:**.lease");
    }
  }
}

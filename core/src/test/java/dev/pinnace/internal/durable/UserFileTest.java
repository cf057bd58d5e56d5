package dev.pinnace.internal.durable;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileType;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the place of a file that is to be changed. */
class UserFileTest {
  @TempDir private Path directory;

  private static void replace(Path file) throws IOException {
    try (UserFile change = UserFile.change(file)) {
      change.replace("new".getBytes(UTF_8));
    }
  }

  private static void assertPrivate(Path file) throws IOException {
    assertThat(Files.readString(file)).isEqualTo("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void replace_throughALinkToNothing_makesThatFileAndKeepsTheLink() throws IOException {
    Path link = directory.resolve("config");
    Files.createSymbolicLink(directory.resolve("between"), Path.of("kept/elsewhere"));
    Files.createSymbolicLink(link, Path.of("between"));
    replace(link);
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertPrivate(directory.resolve("kept/elsewhere"));
    replace(link);
    assertPrivate(directory.resolve("kept/elsewhere"));
  }

  @Test
  void change_ofWhatIsNoFile_isRefusedAndLeavesIt() throws IOException {
    try (Dir dir = Dir.open(directory)) {
      dir.mknod("fifo", FileType.FIFO.bits() | 0600, 0, 0);
    }
    Files.createDirectory(directory.resolve("directory"));
    for (String name : new String[] {"fifo", "directory"}) {
      Path link = directory.resolve("to-" + name);
      Files.createSymbolicLink(link, Path.of(name));
      for (Path file : new Path[] {directory.resolve(name), link}) {
        assertThatThrownBy(() -> replace(file))
            .isInstanceOf(IOException.class)
            .hasMessageContaining(name + " is not a regular file and is left as it is");
      }
      assertThat(Files.isRegularFile(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).hasSize(4);
    }
  }

  @Test
  void change_ofALinkToItself_isRefused() throws IOException {
    Path link = directory.resolve("loop");
    Files.createSymbolicLink(link, Path.of("loop"));
    assertThatThrownBy(() -> replace(link)).isInstanceOf(FileSystemLoopException.class);
  }
}

package dev.pinnace.internal.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputPathTest {
  private static final Path NO_NAMELESS_FILES = Path.of("/proc/self/fd");

  @TempDir private Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Writes {@code text}: the names that are there meanwhile. */
  private List<String> write(Path target, String text) throws IOException {
    List<String> meanwhile = new ArrayList<>();
    OutputPath.file(
        target,
        out -> {
          out.write(bytes(text));
          out.flush();
          meanwhile.addAll(names());
        });
    return meanwhile;
  }

  @Test
  void file_hasNoNameBeforeItIsWhole() throws IOException {
    Path target = directory.resolve("new");
    assertThat(write(target, "first")).isEmpty();
    assertThat(target).hasContent("first");
    assertThat(write(target, "2nd")).containsExactly("new");
    assertThat(target).hasContent("2nd");
    assertThat(names()).containsExactly("new");
  }

  @Test
  void file_hasTheModeOfAnyNewFile() throws IOException {
    write(directory.resolve("new"), "x");
    Path usual = Files.createFile(directory.resolve("usual"));
    assertThat(Files.getPosixFilePermissions(directory.resolve("new")))
        .isEqualTo(Files.getPosixFilePermissions(usual));
  }

  @Test
  void file_behindALink_isReplacedThere() throws IOException {
    Path real = Files.writeString(directory.resolve("real"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    write(link, "new");
    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("new");
  }

  @Test
  void file_behindALinkToNothing_isMadeThere() throws IOException {
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, Path.of("elsewhere"));
    OutputPath.file(link, out -> out.write('x'));
    assertThat(link).isSymbolicLink();
    assertThat(directory.resolve("elsewhere")).hasContent("x");
  }

  @Test
  void file_thatFails_leavesWhatWasThere() throws IOException {
    Path old = Files.writeString(directory.resolve("old"), "old");
    for (Path target : List.of(old, directory.resolve("new"))) {
      assertThatThrownBy(
              () ->
                  OutputPath.file(
                      target,
                      out -> {
                        out.write(bytes("half"));
                        throw new IOException("broken off");
                      }))
          .hasMessage("broken off");
    }
    assertThat(names()).containsExactly("old");
    assertThat(old).hasContent("old");
  }

  @Test
  void file_takenMeanwhile_isReplaced() throws IOException {
    Path target = directory.resolve("new");
    OutputPath.file(
        target,
        out -> {
          Files.writeString(target, "somebody's");
          out.write(bytes("ours"));
        });
    assertThat(target).hasContent("ours");
    assertThat(names()).containsExactly("new");
  }

  @Test
  void file_whereThereCanBeNone_isRefused() {
    assertThatThrownBy(() -> write(directory, "x")).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> write(directory.resolve("no/file"), "x"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no directory");
    assertThatThrownBy(() -> write(NO_NAMELESS_FILES.resolve("file"), "x"))
        .as("the name that it would have until then is the next try")
        .isInstanceOf(IOException.class)
        .hasMessageContaining(".part");
  }
}

package dev.pinnace.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a root is not opened, for people. */
class RootLayoutTest {
  @TempDir private Path directory;
  private int uid;

  @BeforeEach
  void askWhoWeAre() throws IOException {
    uid = (int) Files.getAttribute(directory, "unix:uid");
  }

  private RootLayout open(Path root) {
    return RootLayout.open(Optional.of(root), Optional.of(directory.resolve("run")), uid);
  }

  @Test
  void open_aFile_isNoDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(PinnaceException.class)
        .hasMessage(
            "cannot open the root "
                + file
                + ": ENOTDIR (Not a directory) at "
                + file
                + "; choose another one with Pinnace.builder().root(...), or --root of the command"
                + " line");
  }

  @Test
  void open_belowALinkToNothing_namesTheFile() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("missing"));
    assertThatThrownBy(() -> open(link))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("E")
        .hasMessageContaining(" at " + link)
        .hasMessageContaining("choose another one");
  }

  @Test
  void open_whatOthersMayEnterAndIsNotEmpty_isNotTaken() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("taken"));
    Files.setPosixFilePermissions(taken, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createFile(taken.resolve("other"));
    assertThatThrownBy(() -> open(taken))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("is not empty, and others may enter it");
    assertThat(taken.resolve("VERSION")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a,b", "a\\b"})
  void open_whatMeansSomethingToAnOverlay_isRefusedBeforeItIsMade(String name) {
    Path root = directory.resolve(name);
    assertThatThrownBy(() -> open(root)).isInstanceOf(InvalidSpecException.class);
    assertThat(root).doesNotExist();
  }

  @Test
  void open_anotherFormat_isLeftAlone() throws IOException {
    Path root = directory.resolve("root");
    assertThat(open(root).root()).isEqualTo(root.toRealPath());
    Files.writeString(root.resolve("VERSION"), "2\n");
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("has the format 2, this Pinnace knows 1");
    Files.writeString(root.resolve("VERSION"), "");
    assertThatThrownBy(() -> open(root))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("is empty");
  }
}

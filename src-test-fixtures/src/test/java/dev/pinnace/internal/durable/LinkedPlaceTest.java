package dev.pinnace.internal.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links of others in a directory like /tmp. */
@Needs("root")
class LinkedPlaceTest {
  private static final int STRANGER = 12_345;
  private static final int STICKY = 01777;

  @TempDir private Path directory;
  private Path shared;
  private Path precious;
  private Path link;

  @BeforeEach
  void prepare() throws IOException {
    shared = Files.createDirectory(directory.resolve("shared"));
    precious = Files.writeString(directory.resolve("precious"), "old");
    link = Files.createSymbolicLink(shared.resolve("out.tar"), precious);
  }

  private static void give(Path path, int user) throws IOException {
    Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
  }

  private void mode(int mode) throws IOException {
    Files.setAttribute(shared, "unix:mode", mode);
  }

  @Test
  void linkOfAStranger_inASharedStickyDirectory_isRefused() throws IOException {
    mode(STICKY);
    give(link, STRANGER);
    Path between = Files.createSymbolicLink(directory.resolve("between"), link);
    for (Path named : new Path[] {link, between}) {
      assertThatThrownBy(() -> OutputPath.file(named, out -> out.write('x')))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining(link + " is a symbolic link of user " + STRANGER)
          .hasMessageContaining("give another name");
      assertThatThrownBy(() -> UserFile.change(named)).isInstanceOf(ConflictException.class);
    }
    assertThat(precious).hasContent("old");
  }

  @Test
  void linkOfAStranger_toADevice_isRefused() throws IOException {
    mode(STICKY);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("/dev/null"));
    give(link, STRANGER);
    assertThatThrownBy(() -> OutputPath.file(link, out -> out.write('x')))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void linkOfAStranger_inAnyOtherDirectory_isFollowed() throws IOException {
    give(link, STRANGER);
    for (int mode : new int[] {0777, 01775}) {
      mode(mode);
      assertThat(LinkedPlace.of(link)).isEqualTo(precious.toRealPath());
    }
  }

  @Test
  void linkOfOnesOwn_orOfTheOwnerOfTheDirectory_isFollowed() throws IOException {
    mode(STICKY);
    assertThat(LinkedPlace.of(link)).isEqualTo(precious.toRealPath());
    give(link, STRANGER);
    give(shared, STRANGER);
    assertThat(LinkedPlace.of(link)).isEqualTo(precious.toRealPath());
  }
}

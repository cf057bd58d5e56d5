package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.NamespaceSpec.UserMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users of an image, which may be hostile. */
class UsersTest {
  @TempDir private Path root;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectory(root.resolve("etc"));
    Files.writeString(
        root.resolve("etc/passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        web:x:33:33:www:/var/www:/bin/sh
        # a comment
        short:x
        1000:x:44:44:a number for a name:/x:/bin/sh
        big:x:99999999999:1:too big:/:/bin/sh
        nohome:x:7:7::relative:/bin/sh
        """);
    Files.writeString(
        root.resolve("etc/group"), "root:x:0:\nweb:x:33:\nextra:x:50:web,other\nmore:x:51:web\n");
  }

  private Users.Identity resolve(String text, String... more) {
    try (Dir dir = Dir.open(root)) {
      return Users.in(dir).resolve(text, List.of(more), Optional.empty());
    }
  }

  @Test
  void resolve_inAUserMap_leavesOutGroupsThatNobodyAskedFor() {
    Optional<UserMap> map = Optional.of(new UserMap(100_000, 100_000, 51));
    try (Dir dir = Dir.open(root)) {
      Users users = Users.in(dir);
      assertThat(users.resolve("web", List.of(), map).groups()).containsExactly(33L, 50L);
      assertThat(users.resolve("web", List.of("more"), map).groups())
          .as("asked for")
          .containsExactly(33L, 50L, 51L);
      assertThat(users.resolve("web:more", List.of(), map).groups())
          .as("its own")
          .containsExactly(51L);
    }
  }

  @Test
  void resolve_nameWithItsGroups() {
    assertThat(resolve("web"))
        .isEqualTo(new Users.Identity(33, 33, List.of(33L, 50L, 51L), "/var/www"));
    assertThat(resolve("33")).isEqualTo(resolve("web"));
    assertThat(resolve("")).isEqualTo(new Users.Identity(0, 0, List.of(0L), "/root"));
  }

  @Test
  void resolve_withGroup_hasNoOthers() {
    assertThat(resolve("web:extra"))
        .isEqualTo(new Users.Identity(33, 50, List.of(50L), "/var/www"));
    assertThat(resolve("33:7", "extra", "8", "7").groups()).containsExactly(7L, 8L, 50L);
  }

  @Test
  void resolve_unknownNumber_isItself() {
    assertThat(resolve("4242")).isEqualTo(new Users.Identity(4242, 0, List.of(0L), "/"));
    assertThat(resolve("4242:77").gid()).isEqualTo(77);
    assertThat(resolve("nohome").home()).isEqualTo("/");
  }

  @Test
  void resolve_number_isNeverAName() {
    assertThat(resolve("1000").uid()).isEqualTo(1000);
    assertThat(resolve("44").gid()).isEqualTo(44);
  }

  @Test
  void resolve_unknownName_isNotFound() {
    assertThatThrownBy(() -> resolve("nobody"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("/etc/passwd");
    assertThatThrownBy(() -> resolve("web:nogroup"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("/etc/group");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":",
        "a:",
        ":b",
        "a:b:c",
        "big",
        "4294967295",
        "99999999999999999999",
        "-1",
        "a b"
      })
  void resolve_malformed_isRefused(String text) {
    assertThatThrownBy(() -> resolve(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void in_filesMissing_isEmpty() throws IOException {
    Files.delete(root.resolve("etc/passwd"));
    Files.delete(root.resolve("etc/group"));
    assertThat(resolve("5:6").uid()).isEqualTo(5);
    assertThatThrownBy(() -> resolve("web")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void in_linkOutOfTheRoot_staysInside() throws IOException {
    Files.delete(root.resolve("etc/passwd"));
    Files.createSymbolicLink(
        root.resolve("etc/passwd"), Path.of("../../../../../../../../etc/passwd"));
    assertThatThrownBy(() -> resolve("daemon")).isInstanceOf(NotFoundException.class);
  }

  @Test
  @Timeout(10)
  void in_hugeFileOrDirectory_isRefused() throws IOException {
    Files.write(root.resolve("etc/passwd"), new byte[4 * 1024 * 1024 + 1]);
    assertThatThrownBy(() -> resolve("web"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("larger");
    Files.delete(root.resolve("etc/passwd"));
    Files.createDirectory(root.resolve("etc/passwd"));
    assertThatThrownBy(() -> resolve("web"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("regular");
  }
}

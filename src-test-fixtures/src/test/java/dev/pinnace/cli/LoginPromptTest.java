package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions of {@code login} on a terminal where nobody answers. */
@Needs({"root", "script"})
class LoginPromptTest {
  @TempDir private Path home;

  @ParameterizedTest
  @ValueSource(strings = {"user", "password"})
  void login_endOfInput_isNoAnswer(String missing) throws Exception {
    Path seen = home.resolve("seen");
    String[] call =
        missing.equals("user")
            ? new String[] {"login", "127.0.0.1:1"}
            : new String[] {"login", "-u", "ann", "127.0.0.1:1"};
    assertThat(new Script(home).onTerminal(seen, 80, call).waitFor()).isEqualTo(125);
    assertThat(Files.readString(seen))
        .contains("pinnace: no " + missing + " was entered: nothing is tried or kept");
  }
}

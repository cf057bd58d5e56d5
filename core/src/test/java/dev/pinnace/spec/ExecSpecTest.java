package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be executed is refused before anybody is asked to. */
class ExecSpecTest {
  private static void refused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(InvalidSpecException.class).hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tmp", "./tmp", "../tmp"})
  void workdir_notAbsolute_isRefused(String directory) {
    refused(() -> ExecSpec.of("ls").withWorkdir(directory), "absolute path");
  }

  @Test
  void workdir_absolute_isTaken() {
    assertThat(ExecSpec.of("ls").withWorkdir("/tmp").workdir()).contains("/tmp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void timeout_notPositive_isRefused(String limit) {
    refused(() -> ExecSpec.of("ls").withTimeout(Duration.parse(limit)), "must be positive");
  }

  @Test
  void limits_stayWithWhatIsSaidLater() {
    ExecSpec spec =
        ExecSpec.of("ls")
            .withTimeout(Duration.ofSeconds(3))
            .withOutputLimit(Bytes.of(7))
            .withEnv("A", "b")
            .withWorkdir("/")
            .withUser("0")
            .withPrivileges()
            .withStdin(new byte[0]);
    assertThat(spec.timeout()).contains(Duration.ofSeconds(3));
    assertThat(spec.outputLimit()).isEqualTo(Bytes.of(7));
    assertThat(ExecSpec.of("ls").timeout()).isEmpty();
    assertThat(ExecSpec.of("ls").outputLimit()).isEqualTo(RunOptions.DEFAULT.outputLimit());
  }

  @Test
  void text_withNul_isRefused() {
    refused(() -> ExecSpec.of("echo", "a\0b"), "NUL");
    refused(() -> ExecSpec.of("ls").withWorkdir("/a\0b"), "NUL");
    refused(() -> ExecSpec.of("ls").withEnv("A", "a\0b"), "NUL");
    refused(() -> ExecSpec.of("ls").withUser("a\0b"), "NUL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A=B", "A\0"})
  void variable_withoutAProperName_isRefused(String name) {
    refused(() -> ExecSpec.of("ls").withEnv(name, "value"), "environment variable");
  }
}

package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys detach, and what of the others is passed on. */
class DetachKeysTest {
  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

  private boolean type(DetachKeys keys, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return keys.pass(bytes, bytes.length, passed);
  }

  private String passed() {
    return passed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void usualKeys_detach_inOnePieceOrTwo() {
    DetachKeys keys = DetachKeys.parse(DetachKeys.USUAL);
    assertThat(type(keys, "a\u0010\u0011lost")).isTrue();
    assertThat(type(keys, "b\u0010")).isFalse();
    assertThat(passed()).as("the first key is held back").isEqualTo("ab");
    assertThat(type(keys, "\u0011")).isTrue();
    assertThat(passed()).isEqualTo("ab");
  }

  @Test
  void keysThatDoNotGoOn_arePassedOn() {
    DetachKeys keys = DetachKeys.parse(DetachKeys.USUAL);
    assertThat(type(keys, "\u0010\u0010x\u0011ü\u0010")).isFalse();
    assertThat(passed()).isEqualTo("\u0010\u0010x\u0011ü");
    assertThat(type(keys, "\u0010\u0011")).isTrue();
    assertThat(passed()).isEqualTo("\u0010\u0010x\u0011ü\u0010");
  }

  @Test
  void keysThatBeginAgainWithinThemselves_detach() {
    assertThat(type(DetachKeys.parse("a,a,b"), "xaaab")).isTrue();
    assertThat(passed()).isEqualTo("xa");
    assertThat(type(DetachKeys.parse("a,b,a,c"), "ababac")).isTrue();
    assertThat(passed()).isEqualTo("xaab");
  }

  @Test
  void noKeys_areTheUsualOnes() {
    assertThat(type(DetachKeys.parse(""), "\u0010\u0011")).isTrue();
  }

  @Test
  void keys_areThoseOfDocker() {
    assertThat(type(DetachKeys.parse("x"), "x")).isTrue();
    assertThat(type(DetachKeys.parse("ctrl-@,ctrl-a,ctrl-z,q"), "\u0000\u0001\u001aq")).isTrue();
    assertThat(
            type(
                DetachKeys.parse("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_"),
                "\u001b\u001c\u001d\u001e\u001f"))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,,b", "ctrl-1", "ctrl-P", "ctrl-pp", "ab", "ü"})
  void whatIsNoKey_isRefused(String text) {
    assertThatThrownBy(() -> DetachKeys.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is no key");
  }
}

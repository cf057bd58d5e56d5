package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people write who mean something else. */
class ReferenceHintsTest {
  @ParameterizedTest
  @ValueSource(strings = {"https://localhost:5000/tool:1", "docker://busybox", "http://a"})
  void parse_url_saysToLeaveTheSchemeOut(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("it is no URL");
  }
}

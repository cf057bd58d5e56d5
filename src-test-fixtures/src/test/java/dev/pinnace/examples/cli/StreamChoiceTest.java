package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamChoiceTest {
  @Test
  void of_thoseThatAreNamed_allWhereNoneIs() {
    assertThat(StreamChoice.of(List.of())).isEqualTo(StreamChoice.ALL);
    assertThat(StreamChoice.of(List.of("stdout"))).isEqualTo(new StreamChoice(false, true, false));
    assertThat(StreamChoice.of(List.of("STDIN", "stderr", "stderr")))
        .isEqualTo(new StreamChoice(true, false, true));
    assertThat(StreamChoice.of(List.of("stdin")).isSilent()).isTrue();
    assertThat(StreamChoice.ALL.isSilent()).isFalse();
  }

  @Test
  void of_whatIsNoStream_isRefused() {
    assertThatThrownBy(() -> StreamChoice.of(List.of("stdout", "")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("use stdin, stdout or stderr");
  }
}

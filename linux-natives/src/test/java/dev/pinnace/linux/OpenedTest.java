package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void close_withoutKeep_closesTheLastFirst() {
    try (Opened opened = new Opened()) {
      opened.add(() -> closed.add("first"));
      opened.add(() -> closed.add("second"));
    }
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void close_afterKeep_closesNothing() {
    try (Opened opened = new Opened()) {
      opened.add(() -> closed.add("first"));
      opened.keep();
    }
    assertThat(closed).isEmpty();
  }

  @Test
  void close_ofWhatRefuses_goesOn() {
    Opened opened = new Opened();
    opened.add(() -> closed.add("first"));
    opened.add(
        () -> {
          throw new java.io.IOException("refused");
        });
    assertThatThrownBy(opened::close)
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("refused");
    assertThat(closed).containsExactly("first");
  }
}

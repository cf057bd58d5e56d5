package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelinuxLabelTest {
  @ParameterizedTest
  @ValueSource(strings = {"label=type:svirt_t", "label:level:s0:c100,c200", "label=user:u"})
  void label_whereThereIsSelinux_isRefused(String option, @TempDir Path there) {
    assertThatThrownBy(() -> SelinuxLabel.check(option, there))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("SELinux is switched on here");
    assertThatCode(() -> SelinuxLabel.check(option, there.resolve("no")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"label=disable", "label:disable"})
  void disable_isHowItIs(String option, @TempDir Path there) {
    assertThatCode(() -> SelinuxLabel.check(option, there)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"label=", "label=type", "label=type:", "label=x:y"})
  void what_isNoLabel_isRefusedEverywhere(String option, @TempDir Path there) {
    assertThatThrownBy(() -> SelinuxLabel.check(option, there.resolve("no")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is no label");
  }
}

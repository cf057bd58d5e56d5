package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class UnitDurationTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "30s, PT30S",
    "1m30s, PT1M30S",
    "1.5h, PT1H30M",
    "500ms, PT0.5S",
    "10us, PT0.00001S",
    "7ns, PT0.000000007S",
    "2h3m4s5ms, PT2H3M4.005S"
  })
  void convert_time(String text, Duration time) {
    assertThat(new UnitDuration().convert(text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "x", "-1s", "1s x", "s", "1d", "1m 30s"})
  void convert_otherText_isRefused(String text) {
    assertThatThrownBy(() -> new UnitDuration().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("write it with units");
  }
}

package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

/** Times and numbers as people write and read them. */
class TimesTest {
  @Test
  void at_isWhatDockerWrites() {
    TimeZone before = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
      assertThat(Times.at(Instant.parse("2026-01-02T03:04:05.678Z")))
          .isEqualTo("2026-01-02 03:04:05 +0000 UTC");
      TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
      assertThat(Times.at(Instant.parse("2026-01-02T03:04:05Z")))
          .isEqualTo("2026-01-02 04:04:05 +0100 CET");
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-5, Less than a second",
    "0, Less than a second",
    "1, 1 second",
    "59, 59 seconds",
    "60, About a minute",
    "119, About a minute",
    "120, 2 minutes",
    "3599, 59 minutes",
    "3600, About an hour",
    "5399, About an hour",
    "5400, 2 hours",
    "171000, 2 days",
    "1209599, 2 weeks",
    "1207000, 13 days",
    "5184000, 2 months",
    "63072000, 2 years"
  })
  void span(long seconds, String text) {
    assertThat(Times.span(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void decimal_thatIsNone_isNamedInPlainWords() {
    assertThat(Times.decimal("1.5")).isEqualTo(1.5);
    assertThatThrownBy(() -> Times.decimal("abc"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("\"abc\" is not a number");
  }
}

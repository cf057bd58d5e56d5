package dev.pinnace.internal.isolation.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcStatTest {
  private static final String AFTER_NAME =
      " S 7 9 9 %d 9 4194304 1 2 3 4 150 50 6 7 20 0 3 0 12345 8000 200";

  @Test
  void parse_nameWithBlanksAndBrackets() {
    ProcStat stat = ProcStat.parse("12 (a) R 1 (b c)" + AFTER_NAME.formatted(0));
    assertThat(stat)
        .isEqualTo(
            new ProcStat(
                "a) R 1 (b c",
                'S',
                7,
                9,
                0,
                Duration.ofSeconds(2),
                3,
                Duration.ofMillis(123_450),
                8000));
  }

  @ParameterizedTest
  @CsvSource({
    "0, ?",
    "34816, pts/0",
    "34819, pts/3",
    "35072, pts/256",
    "1025, 4:1",
    "-2147483648, 0:524288"
  })
  void terminalName(int number, String name) {
    ProcStat stat = ProcStat.parse("1 (sh)" + AFTER_NAME.formatted(number));
    assertThat(stat.terminalName()).isEqualTo(name);
  }
}

package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunResultTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | false | exit code 0, 3 bytes of output, 1 bytes of errors",
        "137 | true | exit code 137 (killed at its time limit), 3 bytes of output, 1 bytes of errors"
      })
  void toString_saysWhyItEndedAndHowMuchItWrote(int code, boolean timedOut, String text) {
    ExitStatus status =
        new ExitStatus(
            code,
            Optional.empty(),
            false,
            timedOut,
            false,
            false,
            "",
            Optional.empty(),
            Optional.empty(),
            0,
            new ExitStatus.Usage(Duration.ZERO, Bytes.ZERO));
    assertThat(new RunResult(status, new byte[3], new byte[1], Bytes.ZERO)).hasToString(text);
  }
}

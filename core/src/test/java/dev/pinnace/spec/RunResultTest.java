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
        "0 | false | false | 0 | exit code 0, 3 bytes of output, 1 bytes of errors",
        "0 | false | false | 9 | exit code 0, 3 bytes of output, 1 bytes of errors, 9 bytes dropped",
        "137 | true | false | 0 | exit code 137 (killed at its time limit), 3 bytes of output, 1 bytes of errors",
        "137 | false | true | 5 | exit code 137 (ended at the limit of its output), 3 bytes of output, 1 bytes of errors, 5 bytes dropped"
      })
  void toString_saysWhyItEndedAndHowMuchItWrote(
      int code, boolean timedOut, boolean full, long dropped, String text) {
    ExitStatus status =
        new ExitStatus(
            code,
            Optional.empty(),
            false,
            timedOut,
            false,
            full,
            "",
            Optional.empty(),
            Optional.empty(),
            0,
            new ExitStatus.Usage(Duration.ZERO, Bytes.ZERO));
    assertThat(new RunResult(status, new byte[3], new byte[1], Bytes.of(dropped)))
        .hasToString(text);
  }
}

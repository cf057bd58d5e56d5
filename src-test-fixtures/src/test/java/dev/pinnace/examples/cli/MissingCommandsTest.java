package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MissingCommandsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cp | there is no command \"cp\" yet: use -v",
        "build | there is no command \"build\" yet: build it elsewhere",
        "volume | there is no command \"volume\" yet: use -v",
        "rename | there is no command \"rename\" yet: give the name",
        "nonsense | there is no command \"nonsense\"",
        "--nonsense | unknown flag --nonsense"
      })
  void execute_commandThatIsNotThere_saysSo(String command, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(line.execute(command, "a:/b", ".")).isEqualTo(125);
    assertThat(err.toString()).startsWith("pinnace: " + message).contains("pinnace --help");
  }
}

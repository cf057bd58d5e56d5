package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MissingCommandsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "build | there is no command \"build\" yet: build it elsewhere",
        "nonsense | there is no command \"nonsense\"",
        "--nonsense | unknown flag --nonsense"
      })
  void execute_commandThatIsNotThere_saysSo(String command, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(line.execute(command, "a:/b", ".")).isEqualTo(125);
    assertThat(err.toString()).startsWith("pinnace: " + message).contains("pinnace --help");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "image | build | there is no command \"image build\" yet: build it elsewhere",
        "image | update | there is no command \"image update\"$",
        "container | nonsense | there is no command \"container nonsense\"$",
        "container | --nonsense | unknown flag --nonsense"
      })
  void execute_commandThatIsNotInTheGroup_saysSo(String group, String command, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(line.execute(group, command, "a:/b")).isEqualTo(125);
    assertThat(err.toString().replace('\n', '$'))
        .startsWith("pinnace: " + message)
        .contains("pinnace " + group + " --help");
  }

  /** The command of that name, which may be in a group. */
  private static Optional<CommandLine> find(String name) {
    CommandLine found = PinnaceCommand.commandLine();
    for (String part : name.split(" ", -1)) {
      found = found.getSubcommands().get(part);
      if (found == null) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  @Test
  void hints_areForCommandsThatAreMissing_andNameOnesThatAreThere() {
    Pattern quoted = Pattern.compile("\"([^\" ]+)[^\"]*\"");
    assertThat(MissingCommands.hints())
        .containsKeys("build", "image build")
        .allSatisfy(
            (missing, hint) -> {
              assertThat(find(missing)).as(missing).isEmpty();
              assertThat(quoted.matcher(hint).results().map(m -> m.group(1)))
                  .as(hint)
                  .allMatch(command -> find(command).isPresent());
            });
  }
}

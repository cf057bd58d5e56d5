package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExecSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Files of assignments are read as Docker reads them. */
class AssignmentsTest {
  private static final String UNSET = "NO_SUCH_VARIABLE_HERE";

  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("vars"), text);
  }

  private Map<String, String> variables(String text) throws IOException {
    Map<String, String> result = new LinkedHashMap<>();
    Assignments.file(file(text), result::put);
    return result;
  }

  @Test
  void file_valuesAsTheyAre_commentsAndEmptyLinesLeftOut() throws IOException {
    assertThat(variables("# x\n\n  A=1 \n\tB=a = b # c\n   # y\nC=\nD=\"q\"\n"))
        .containsExactly(
            Map.entry("A", "1 "),
            Map.entry("B", "a = b # c"),
            Map.entry("C", ""),
            Map.entry("D", "\"q\""));
  }

  @Test
  void file_ofWindows_marksAndReturnsAreNoPartOfIt() throws IOException {
    assertThat(variables("\ufeffA=1\r\nB=2\r\n\r\n"))
        .containsExactly(Map.entry("A", "1"), Map.entry("B", "2"));
    assertThat(variables("A=1\rB\n")).containsExactly(Map.entry("A", "1\rB"));
    assertThat(variables("A=\ufeff")).containsExactly(Map.entry("A", "\ufeff"));
  }

  @Test
  void file_nameAlone_hasTheCallersValueOrIsLeftOut() throws IOException {
    assertThat(variables("PATH\n" + UNSET + "\n"))
        .containsExactly(Map.entry("PATH", System.getenv("PATH")));
  }

  @Test
  void file_laterCounts() throws IOException {
    assertThat(variables("A=1\nA=2")).containsExactly(Map.entry("A", "2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A=1;=x | :2: there is no name in \"=x\": write NAME=VALUE, or NAME",
        ";;# c;A B=1 | :4: the name \"A B\" holds a blank",
        "A =1 | :1: the name \"A \" holds a blank",
        "A=1;PATH x | :2: the name \"PATH x\" holds a blank",
        "A=1;B=@ | :2: there is a NUL",
      })
  void file_lineThatIsNone_isNamed(String lines, String message) throws IOException {
    Path file = file(lines.replace(';', '\n').replace('@', '\0'));
    assertThatThrownBy(() -> Assignments.lines(file))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith(file + message);
  }

  @Test
  void labelFile_nameAlone_isALabelWithoutValue() throws IOException {
    assertThat(Assignments.labels(Assignments.lines(file("a=b\nPATH\n"))))
        .containsExactly(Map.entry("a", "b"), Map.entry("PATH", ""));
  }

  @Test
  void run_variableThatIsUnsetHere_isTakenFromTheImage_unlessAFileNamesIt() throws IOException {
    ContainerSpec spec = run("-e", UNSET, "-e", "B=1");
    assertThat(spec.process().unsetEnv()).containsExactly(UNSET);
    assertThat(spec.process().env()).containsExactly(Map.entry("B", "1"));
    assertThat(run("--env-file", file(UNSET).toString()).process().unsetEnv()).isEmpty();
    assertThat(run("-e", UNSET, "-e", UNSET + "=x").process().unsetEnv()).isEmpty();
    assertThat(run("-e", UNSET + "=x", "-e", UNSET).process().env()).isEmpty();
  }

  @Test
  void exec_variableThatIsUnsetHere_isTakenFromTheContainer() {
    CommandLine.ParseResult result =
        PinnaceCommand.commandLine().parseArgs("exec", "-e", UNSET, "-e", "A=1", "web", "true");
    ExecSpec spec = ((ExecCommand) result.subcommand().commandSpec().userObject()).spec();
    assertThat(spec).isEqualTo(ExecSpec.of("true").withoutEnv(UNSET).withEnv("A", "1"));
    assertThat(spec.unsetEnv()).containsExactly(UNSET);
  }

  private static ContainerSpec run(String... flags) {
    List<String> all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(flags));
    all.add("img");
    CommandLine.ParseResult result =
        PinnaceCommand.commandLine().parseArgs(all.toArray(String[]::new));
    return ((RunCommand) result.subcommand().commandSpec().userObject()).spec();
  }
}

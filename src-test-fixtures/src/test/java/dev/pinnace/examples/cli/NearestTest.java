package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class NearestTest {
  private static final List<String> WORDS = List.of("rm", "run", "rmi", "images", "ps", "--memory");

  @ParameterizedTest
  @CsvSource({
    "rnu,run",
    "ru,run",
    "runn,run",
    "image,images",
    "imagse,images",
    "--memroy,--memory",
    "x,",
    "stop,",
    "psx,ps",
    "nonsense,"
  })
  void of_takesAFewSlips(String word, String meant) {
    assertThat(Nearest.of(word, WORDS).orElse(null)).isEqualTo(meant);
  }

  private static String said(String... arguments) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(line.execute(arguments)).isEqualTo(125);
    return err.toString();
  }

  @Test
  void execute_whatIsMissing_isNamedWithTheWholeUsage() {
    assertThat(said("run"))
        .startsWith("pinnace: run needs IMAGE: write pinnace run [OPTIONS] IMAGE");
    assertThat(said("exec", "web")).startsWith("pinnace: exec needs PROGRAM: write pinnace exec");
    assertThat(said("tag")).startsWith("pinnace: tag needs IMAGE, NAME: write pinnace tag");
    assertThat(said("container", "rm")).contains("write pinnace container rm [OPTIONS] CONTAINER");
    assertThat(said("run", "--memory"))
        .startsWith("pinnace: Missing required parameter for option '--memory' (SIZE)\n");
    assertThat(said("ps", "-n", "x")).contains("\"x\" is not a whole number");
  }

  @Test
  void execute_typos_nameWhatWasMeant() {
    assertThat(said("rnu", "busybox"))
        .startsWith("pinnace: there is no command \"rnu\": did you mean \"run\"?\n");
    assertThat(said("container", "satrt", "x"))
        .startsWith("pinnace: there is no command \"container satrt\": did you mean \"start\"?\n");
    assertThat(said("run", "--memroy=1g", "busybox"))
        .startsWith("pinnace: unknown flag --memroy: did you mean --memory?\n");
    assertThat(said("ps", "--al")).startsWith("pinnace: unknown flag --al: did you mean --all?\n");
    assertThat(said("help", "rnu"))
        .startsWith("pinnace: there is no command \"rnu\": did you mean \"run\"?\n");
    assertThat(said("ps", "-x")).startsWith("pinnace: unknown flag -x\n");
  }
}

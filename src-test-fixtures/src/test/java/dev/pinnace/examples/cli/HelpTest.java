package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {
  private static String help(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setOut(new PrintWriter(out, true));
    assertThat(line.execute(arguments)).isZero();
    return out.toString();
  }

  @Test
  void help_ofAll_hasEachCommandOnceInAGroup() {
    String help = help("--help");
    assertThat(help)
        .containsSubsequence(
            "Common Commands:\n  run ", "\nManagement Commands:\n  container ", "\nCommands:\n");
    for (String name : PinnaceCommand.commandLine().getSubcommands().keySet()) {
      assertThat(help.lines().filter(line -> line.startsWith("  " + name + " ")))
          .as(name)
          .hasSize(1);
    }
    assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(help()).as("without a command").isEqualTo(help);
  }

  private static Stream<CommandLine> all(CommandLine line) {
    return Stream.concat(
        Stream.of(line), line.getSubcommands().values().stream().flatMap(HelpTest::all));
  }

  @Test
  void help_ofEach_explainsEveryOption() {
    for (CommandLine line : all(PinnaceCommand.commandLine()).toList()) {
      String name = line.getCommandSpec().qualifiedName();
      assertThat(line.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
      line.getCommandSpec()
          .options()
          .forEach(
              option ->
                  assertThat(option.description()).as(name + " " + option.names()[0]).isNotEmpty());
    }
  }
}

package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.ErrnoException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Whatever fails is a line for people, not a trace. */
class FailuresTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new ErrnoException("openat", 2, "/x"), "ENOENT"),
        Arguments.of(
            new UncheckedIOException("cannot read /x", new NoSuchFileException("/x")),
            "cannot read /x: there is no such file"),
        Arguments.of(new IllegalArgumentException("what it was"), "what it was"),
        Arguments.of(new NullPointerException(), "NullPointerException"),
        Arguments.of(
            new ExceptionInInitializerError(new IOException("Too many open files")),
            "EMFILE (too many open files); raise"),
        Arguments.of(
            new OutOfMemoryError(
                "unable to create native thread: possibly out of memory or process/resource"
                    + " limits reached"),
            "EAGAIN (no further thread could be started); raise"),
        Arguments.of(
            new NoClassDefFoundError("Could not initialize class a.B"),
            "NoClassDefFoundError: Could not initialize class a.B"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "stop -t abc x, '-t': \"abc\" is not a time",
        "stop --time=abc x, '--time': \"abc\"",
        "stop --timeout abc x, '--timeout': \"abc\"",
        "ps -qn abc, '--last': \"abc\"",
        "ps -n abc, '-n': \"abc\"",
        "exec -u, '-u'",
        "stop -t \u001b[2J x, \"\\u001b[2J\" is not a time",
      })
  void misunderstood_flag_isNamedAsItWasWritten(String command, String said) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err, true));
    assertThat(PinnaceCommand.execute(line, command.split(" ", -1))).isEqualTo(125);
    assertThat(err.toString()).contains(said);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void report_isOneLine(Throwable failure, String said) {
    StringWriter err = new StringWriter();
    assertThat(Failures.report(new PrintWriter(err, true), failure)).isEqualTo(125);
    assertThat(err.toString().lines()).singleElement().asString().contains(said);
  }
}

package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ProcessInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PsOptionsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final ProcessInfo SLEEP =
      new ProcessInfo(
          12,
          7,
          1,
          1000,
          'S',
          NOW.minus(Duration.ofHours(25).plusSeconds(61)),
          Duration.ofSeconds(3725),
          Bytes.kibi(40),
          Bytes.kibi(700),
          3,
          "pts/0",
          "sleep",
          "sleep 1000");

  private static List<ProcessColumn> columns(String options) {
    return PsOptions.columns(options.isEmpty() ? List.of() : List.of(options.split(" ", -1)));
  }

  private static String titles(String options) {
    return columns(options).stream().map(ProcessColumn::title).collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | UID PID PPID C STIME TTY TIME CMD",
        "-ef | UID PID PPID C STIME TTY TIME CMD",
        "-e -f | UID PID PPID C STIME TTY TIME CMD",
        "-e | PID TTY TIME CMD",
        "ax | PID TTY STAT TIME COMMAND",
        "aux | USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND",
        "-auxww | USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND",
        "-o pid,cmd | PID CMD",
        "-eo pid,ppid,comm | PID PPID COMMAND",
        "-opid -o args | PID COMMAND",
        "axo pid,user | PID USER",
      })
  void columns_asPsHasThem(String options, String titles) {
    assertThat(titles(options)).isEqualTo(titles);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-o pid,ppid,uid,s,nlwp,vsz,rss | 12 7 1000 S 3 700 40",
        "-o etime,time,bsdtime,tty | 1-01:01:01 01:02:05 62:05 pts/0",
        "-o c,%cpu | 4 4.1",
        "-o comm,args | sleep sleep 1000",
      })
  void cells_ofAProcess(String options, String cells) {
    assertThat(
            columns(options).stream().map(c -> c.cell(SLEEP, NOW)).collect(Collectors.joining(" ")))
        .isEqualTo(cells);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-l | there are -ef, aux, ax and -o",
        "--forest | there are -ef, aux, ax and -o",
        "-o | it needs a list of columns",
        "-o pid,wchan | there is no column \"wchan\", there are %cpu, %mem, args",
        "-o pid= | there is no column \"pid=\"",
        "-C | there are -ef",
      })
  void columns_whatIsNotThere_isRefused(String options, String message) {
    assertThatThrownBy(() -> columns(options))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("top cannot do what ps does with -")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"top web -o pid,cmd", "container top web aux", "top web"})
  void commandLine_optionsOfPs_areNoneOfOurs(String arguments) {
    CommandLine.ParseResult parsed =
        PinnaceCommand.commandLine().parseArgs(arguments.split(" ", -1));
    assertThat(parsed.errors()).isEmpty();
  }
}

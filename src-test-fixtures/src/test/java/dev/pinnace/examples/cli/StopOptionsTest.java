package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Signal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class StopOptionsTest {
  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  private static StopOptions parsed(String... flags) {
    CommandLine line = new CommandLine(new StopOptions());
    line.registerConverter(Duration.class, Times::seconds).parseArgs(flags);
    return line.getCommand();
  }

  /** What comes of them where the container says 7 seconds. */
  private static List<Object> applied(String... flags) {
    List<Object> calls = new ArrayList<>();
    parsed(flags)
        .apply(
            () -> Duration.ofSeconds(7),
            () -> calls.add("usual"),
            calls::add,
            (signal, time) -> calls.addAll(List.of(signal, time)));
    return calls;
  }

  @Test
  void apply_whatIsGivenAlone_andTheContainersOwnForTheRest() {
    assertThat(applied()).containsExactly("usual");
    assertThat(applied("-t", "3")).containsExactly(Duration.ofSeconds(3));
    assertThat(applied("--time", "0")).containsExactly(Duration.ZERO);
    assertThat(applied("-t", "-1")).containsExactly(FOREVER);
    assertThat(applied("--timeout=-1")).containsExactly(FOREVER);
    assertThat(applied("-s", "INT")).containsExactly(Signal.INT, Duration.ofSeconds(7));
    assertThat(applied("--signal", "9", "-t", "1"))
        .containsExactly(Signal.KILL, Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "0", "65", ""})
  void check_whatIsNoSignal_isRefused(String signal) {
    StopOptions options = parsed("-s", signal);
    assertThatThrownBy(options::check).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void seconds_asInspectHasThem() {
    assertThat(Grace.seconds(FOREVER)).isEqualTo(-1);
    assertThat(Grace.seconds(Duration.ofMillis(2500))).isEqualTo(2);
  }
}

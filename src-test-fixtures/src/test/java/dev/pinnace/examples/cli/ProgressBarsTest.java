package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarsTest {
  private static Digest digest(int number) {
    return new Digest(String.format("%02x", number).repeat(32));
  }

  private static TransferProgress at(int number, Phase phase, long current) {
    return new TransferProgress(digest(number), phase, current, 4_000_000);
  }

  @Test
  void text_half() {
    assertThat(ProgressBars.text(at(1, Phase.DOWNLOADING, 2_000_000), 120, false))
        .isEqualTo(
            "010101010101: Downloading [" + "=".repeat(25) + ">" + " ".repeat(24) + "]  2MB/4MB");
    assertThat(ProgressBars.text(at(1, Phase.DONE, 4_000_000), 120, true))
        .isEqualTo("010101010101: Pushed");
    assertThat(ProgressBars.text(at(1, Phase.SKIPPED, 0), 120, true))
        .isEqualTo("010101010101: Skipped foreign layer");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 40, 58, 59, 60, 80, 100, 200})
  void text_neverWraps(int columns) {
    for (long current = 0; current <= 4_000_000; current += 333_333) {
      assertThat(ProgressBars.text(at(1, Phase.UPLOADING, current), columns, true).length())
          .isLessThan(columns);
    }
  }

  @Test
  void show_moreLayersThanRows_letsThoseThatEndedScrollAway() {
    StringWriter screen = new StringWriter();
    ProgressBars bars = new ProgressBars(new PrintWriter(screen), new Terminal(80, 4), false);
    for (int i = 1; i <= 6; i++) {
      bars.accept(at(i, Phase.WAITING, 0));
    }
    for (int i = 1; i <= 6; i++) {
      bars.accept(at(i, Phase.DONE, 4_000_000));
    }
    assertThat(screen.toString()).doesNotContain("\033[4A").contains("\033[3A");
    for (int i = 1; i <= 6; i++) {
      assertThat(screen.toString()).contains(digest(i).shortHex() + ": Pull complete");
    }
  }
}

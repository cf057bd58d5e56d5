package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.LimitsBuilder;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What flags make of limits that are there. */
class UpdateFlagsTest {
  private static final Limits EARLIER =
      Limits.builder()
          .memory(Bytes.mebi(64))
          .memorySwap(Bytes.mebi(96))
          .cpus(0.5)
          .pids(9)
          .ioMax("8:0 rbps=1 wiops=2")
          .build();

  private static LimitOptions parsed(String flags) {
    return CommandLine.populateCommand(
        new LimitOptions(), flags.isEmpty() ? new String[0] : flags.split(" ", -1));
  }

  private static Arguments flags(String flags, Consumer<LimitsBuilder> same) {
    return Arguments.arguments(flags, same);
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        flags("-m 80m", l -> l.memory(Bytes.mebi(80))),
        flags("-m 1g --memory-swap 2g", l -> l.memory(Bytes.gibi(1)).memorySwap(Bytes.gibi(2))),
        flags("--memory-swap -1", l -> l.unlimitedSwap()),
        flags("-m 0 --memory-swap 0 --cpus 0 --cpu-shares 0 --blkio-weight 0", l -> {}),
        flags("--cpus 2 --cpuset-cpus 0", l -> l.cpus(2).cpusetCpus("0")),
        flags("--cpu-quota -1", l -> l.unlimitedCpus()),
        flags("--cpu-quota -1 --cpu-period 5000", l -> l.unlimitedCpus().cpuPeriod(5_000)),
        flags("--pids-limit 50", l -> l.pids(50)),
        flags("--huge-pages 2m:4m", l -> l.hugePages(Bytes.mebi(2), Bytes.mebi(4))),
        flags("--pids-limit 0", l -> l.unlimitedPids()),
        flags("--pids-limit -1", l -> l.unlimitedPids()));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void over_changesWhatIsGiven(String flags, Consumer<LimitsBuilder> same) {
    LimitOptions options = parsed(flags);
    options.check();
    LimitsBuilder wanted = EARLIER.toBuilder();
    same.accept(wanted);
    assertThat(options.over(EARLIER)).isEqualTo(wanted.build());
    assertThat(options.areGiven()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-m x", "-m 1", "--cpus 9999", "-c 1", "-m 2m --memory-swap 1m", "--cpu-quota 1"})
  void check_whatIsWrongOfEvery_isRefused(String flags) {
    assertThatThrownBy(() -> parsed(flags).check()).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void over_quotaOfAContainerWithCpus_isRefused() {
    LimitOptions options = parsed("--cpu-quota 50000");
    options.check();
    assertThatThrownBy(() -> options.over(EARLIER))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("a limit of 0.5 cpus contradicts a quota");
  }

  @Test
  void over_lessSwapThanMemory_isRefused() {
    LimitOptions options = parsed("-m 128m");
    options.check();
    assertThatThrownBy(() -> options.over(EARLIER))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("memory and swap together");
    assertThat(parsed("").areGiven()).isFalse();
  }
}

package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small values: sizes, signals, ulimits, restart policies, mounts. */
class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1048576,1048576",
    "256m,268435456",
    "256M,268435456",
    "64KiB,65536",
    "1.5g,1610612736",
    "1b,1",
    "2 k,2048",
    "1t,1099511627776",
    "0.5k,512"
  })
  void bytes_parse(String text, long count) {
    assertThat(Bytes.parse(text)).isEqualTo(Bytes.of(count));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1", "1x", "1e9", "999999999999999999g", "1.2.3k", "0x10"})
  void bytes_malformed_isRefused(String text) {
    assertThatThrownBy(() -> Bytes.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void bytes_toString_isReadBackAsTheSame() {
    assertThat(Bytes.mebi(256)).hasToString("256MiB");
    assertThat(Bytes.of(1000)).hasToString("1000B");
    for (long count : new long[] {0, 1, 1024, 65536, 1L << 30, 1L << 40}) {
      assertThat(Bytes.parse(Bytes.of(count).toString())).isEqualTo(Bytes.of(count));
    }
    assertThatThrownBy(() -> Bytes.of(-1)).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> Bytes.gibi(Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "SIGTERM,15",
    "term,15",
    "15,15",
    "sigkill,9",
    "RTMIN,34",
    "SIGRTMIN+3,37",
    "RTMAX,64",
    "RTMAX-1,63",
    "64,64",
    "SIGPOLL,29"
  })
  void signal_parse(String text, int number) {
    assertThat(Signal.parse(text).number()).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65", "999", "-1", "SIGFOO", "RTMIN+31", "RTMAX-65"})
  void signal_malformed_isRefused(String text) {
    assertThatThrownBy(() -> Signal.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void signal_toString_isReadBackAsTheSame() {
    assertThat(Signal.TERM).hasToString("SIGTERM");
    for (int number = 1; number <= 64; number++) {
      Signal signal = new Signal(number);
      if (!signal.toString().startsWith("signal ")) {
        assertThat(Signal.parse(signal.toString())).isEqualTo(signal);
      }
    }
  }

  @Test
  void ulimit_parse() {
    assertThat(Ulimit.parse("nofile=1024:2048")).isEqualTo(new Ulimit("nofile", 1024, 2048));
    assertThat(Ulimit.parse("NPROC=10")).isEqualTo(new Ulimit("nproc", 10, 10));
    assertThat(Ulimit.parse("core=unlimited")).isEqualTo(new Ulimit("core", -1, -1));
    assertThat(Ulimit.parse("nofile=5:unlimited").hard()).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nofile", "nofile=", "nofile=a", "files=1", "nofile=2:1", "nofile=-1:5"})
  void ulimit_malformed_isRefused(String text) {
    assertThatThrownBy(() -> Ulimit.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nproc=-2 | ulimit nproc: -2 is negative; -1 is for no limit",
        "core=0:-7 | ulimit core: -7 is negative; -1 is for no limit",
        "nofile=0 | ulimit nofile: with a soft limit of 0 no program could open a file: at least 1",
        "nofile=0:9 | ulimit nofile: with a soft limit of 0 no program could open a file: at least 1"
      })
  void ulimit_ofNoUse_isRefusedWithTheReason(String text, String message) {
    assertThatThrownBy(() -> Ulimit.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "always", "unless-stopped", "on-failure", "on-failure:5"})
  void restartPolicy_parse(String text) {
    assertThat(RestartPolicy.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"never", "always:3", "on-failure:x", "on-failure:-1", "no:1"})
  void restartPolicy_malformed_isRefused(String text) {
    assertThatThrownBy(() -> RestartPolicy.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void mount_targetIsNormalised() {
    assertThat(Mount.tmpfs().at("/a//b/../c/").target()).isEqualTo("/a/c");
    assertThat(Mount.bind(java.nio.file.Path.of("/x/../y")).source())
        .contains(java.nio.file.Path.of("/y"));
  }

  @Test
  void restartPolicy_factories_areWhatIsParsed() {
    assertThat(RestartPolicy.parse("unless-stopped")).isEqualTo(RestartPolicy.unlessStopped());
    assertThat(RestartPolicy.parse("always")).isEqualTo(RestartPolicy.always());
    assertThat(RestartPolicy.parse("on-failure:2")).isEqualTo(RestartPolicy.onFailure(2));
  }
}

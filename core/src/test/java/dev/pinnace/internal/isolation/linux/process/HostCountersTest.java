package dev.pinnace.internal.isolation.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostCountersTest {
  /**
   * What a hypervisor has stolen, and the time of guests, which is the users' too, do not count.
   */
  @Test
  void parse_asDocker() {
    HostCounters counters =
        HostCounters.parse(
            List.of("cpu  1 2 3 100 5 6 7 1000 2000 3000", "cpu0 1 2 3", "cpu1 4 5 6", "intr 9"),
            List.of("MemTotal:        2048 kB", "MemFree: 1 kB", "SwapFree:          512 kB"));
    assertThat(counters)
        .isEqualTo(new HostCounters(Duration.ofMillis(1240), 2, Bytes.mebi(2), Bytes.kibi(512)));
  }

  @Test
  void now_isOfThisHost() {
    HostCounters now = HostCounters.now();
    assertThat(now.processors()).isGreaterThanOrEqualTo(1);
    assertThat(now.cpuTime()).isPositive();
    assertThat(now.memory()).isGreaterThan(Bytes.mebi(64));
  }
}

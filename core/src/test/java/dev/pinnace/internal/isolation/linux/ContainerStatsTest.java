package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.isolation.linux.cgroup.CgroupUsage;
import dev.pinnace.internal.isolation.linux.process.ContainerProcesses;
import dev.pinnace.internal.isolation.linux.process.HostCounters;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Stats;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerStatsTest {
  private static final HostCounters HOST =
      new HostCounters(Duration.ofHours(1), 4, Bytes.gibi(1), Bytes.ZERO);

  private static CgroupUsage usage(Optional<Bytes> memory, Optional<Bytes> max) {
    return new CgroupUsage(
        Duration.ofSeconds(1),
        memory,
        max,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  @ParameterizedTest
  @CsvSource({"256, 256", "4096, 1024", "0, 1024"})
  void memoryLimit_isNeverMoreThanTheHostHas(long max, long limit) {
    Optional<Bytes> most = Optional.of(Bytes.mebi(max)).filter(bytes -> bytes.count() > 0);
    assertThat(
            ContainerStats.of(usage(Optional.of(Bytes.mebi(1)), most), Optional.empty(), HOST)
                .memoryLimit())
        .contains(Bytes.mebi(limit));
  }

  @Test
  void memoryLimit_whereMemoryIsNotCounted_isEmpty() {
    assertThat(
            ContainerStats.of(usage(Optional.empty(), Optional.empty()), Optional.empty(), HOST)
                .memoryLimit())
        .isEmpty();
  }

  @Test
  void withoutACgroup_processesTell() {
    long self = ProcessHandle.current().pid();
    Stats stats =
        ContainerStats.of(ContainerProcesses.list(Optional.empty(), self), Optional.empty(), HOST);
    assertThat(stats.cpuTime()).isPositive();
    assertThat(stats.pids().orElseThrow()).isGreaterThan(1);
    assertThat(stats.memory()).isEmpty();
    assertThat(stats.processors()).isEqualTo(4);
  }
}

package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsBuilderTest {
  private static final Limits ALL =
      Limits.builder()
          .memory(Bytes.mebi(64))
          .memorySwap(Bytes.mebi(96))
          .memoryReservation(Bytes.mebi(32))
          .cpus(1.5)
          .cpuWeight(50)
          .cpusetCpus("0-1")
          .cpusetMems("0")
          .pids(9)
          .ioWeight(70)
          .ioMax("8:0 rbps=1")
          .build();

  @Test
  void toBuilder_beginsWithEach() {
    assertThat(ALL.toBuilder().build()).isEqualTo(ALL);
    assertThat(Limits.builder().build()).isEqualTo(Limits.NONE);
    assertThat(ContainerSpec.image("i").limits(ALL).build().limits()).isEqualTo(ALL);
    assertThat(ContainerSpec.image("i").build().withLimits(ALL))
        .isEqualTo(ContainerSpec.image("i").limits(ALL).build());
  }

  @Test
  void unlimitedCpus_liftsThePeriodToo() {
    Limits quota = Limits.builder().cpuQuota(20_000).cpuPeriod(50_000).build();
    assertThat(quota.toBuilder().unlimitedCpus().cpus(2).build().cpus()).hasValue(2);
  }

  @Test
  void unlimited_liftsThatOne() {
    Limits lifted = ALL.toBuilder().unlimitedMemory().unlimitedCpus().unlimitedPids().build();
    assertThat(lifted.memory()).isEmpty();
    assertThat(lifted.memorySwap()).isEmpty();
    assertThat(lifted.cpus()).isEmpty();
    assertThat(lifted.pids()).isEmpty();
    assertThat(lifted.cpuWeight()).hasValue(50);
    assertThat(ALL.toBuilder().ioMax(List.of()).build().ioMax()).isEmpty();
  }

  @Test
  void build_whatContradicts_isRefused() {
    assertThatThrownBy(() -> ALL.toBuilder().memory(Bytes.mebi(128)).build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("memory and swap together");
  }
}

package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import java.util.Map;
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
          .ioWeight("8:16", 300)
          .hugePages(Bytes.mebi(2), Bytes.mebi(8))
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
    assertThat(ALL.toBuilder().unlimitedHugePages().build().hugePages()).isEmpty();
  }

  @Test
  void hugePages_areNamedAsTheKernelDoes() {
    Limits limits =
        Limits.builder()
            .hugePages(Bytes.kibi(64), Bytes.kibi(128))
            .hugePages(Bytes.mebi(2), Bytes.ZERO)
            .hugePages(Bytes.mebi(512), Bytes.gibi(1))
            .hugePages(Bytes.gibi(1), Bytes.gibi(3))
            .build();
    assertThat(limits.hugePages())
        .containsExactly(
            Map.entry("64KB", Bytes.kibi(128)),
            Map.entry("2MB", Bytes.ZERO),
            Map.entry("512MB", Bytes.gibi(1)),
            Map.entry("1GB", Bytes.gibi(3)));
  }

  @Test
  void hugePages_whichCannotBe_areRefused() {
    LimitsBuilder limits = Limits.builder();
    assertThatThrownBy(() -> limits.hugePages(Bytes.of(3_000_000), Bytes.ZERO))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("powers of two");
    assertThatThrownBy(() -> limits.hugePages(Bytes.of(512), Bytes.ZERO))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> limits.hugePages(Bytes.mebi(2), Bytes.mebi(3)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("whole huge pages");
    assertThat(limits.build()).isEqualTo(Limits.NONE);
  }

  @Test
  void ioWeight_ofADevice_takesTheLast() {
    Limits limits = Limits.builder().ioWeight("8:0", 5).ioWeight("8:0", 7).build();
    assertThat(limits.ioWeights()).containsExactly(Map.entry("8:0", 7));
    for (String device : List.of("", "sda", "8:", "/dev/sda", "8:0 9")) {
      assertThatThrownBy(() -> Limits.builder().ioWeight(device, 5))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("major:minor");
    }
    assertThatThrownBy(() -> Limits.builder().ioWeight("8:0", 0))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("between 1 and 10000");
  }

  @Test
  void build_whatContradicts_isRefused() {
    assertThatThrownBy(() -> ALL.toBuilder().memory(Bytes.mebi(128)).build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("memory and swap together");
  }
}

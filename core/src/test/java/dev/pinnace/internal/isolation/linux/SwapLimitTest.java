package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.container.ConfigFactory;
import dev.pinnace.internal.container.Users;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is asked for on a kernel that does not count swap. */
class SwapLimitTest {
  private static final Bytes MEMORY = Bytes.mebi(32);

  private static ContainerSpecBuilder limited() {
    return ContainerSpec.image("i").command("true").memory(MEMORY).pids(9);
  }

  private static RuntimeConfig config(ContainerSpecBuilder spec) {
    ExecutionConfig image = ExecutionConfig.of(List.of(), List.of());
    return new ConfigFactory(spec.build(), image, Set.of(), true)
        .create(new ContainerId("ab".repeat(32)), Users.Identity.ROOT);
  }

  @Test
  void default_isLeftOut() {
    RuntimeConfig asked = config(limited());
    assertThat(asked.linux().resources().unified()).containsKey(SwapLimit.SWAP);
    RuntimeConfig left = SwapLimit.leftOut(asked);
    assertThat(left.linux().resources().unified())
        .containsOnlyKeys(SwapLimit.MEMORY, "pids.max")
        .containsEntry(SwapLimit.MEMORY, Long.toString(MEMORY.count()));
    assertThat(left.withResources(asked.linux().resources())).isEqualTo(asked);
  }

  @Test
  void unlimited_isLeftOut() {
    assertThat(SwapLimit.leftOut(config(limited().unlimitedSwap())).linux().resources().unified())
        .doesNotContainKey(SwapLimit.SWAP);
  }

  @Test
  void another_isRefused() {
    for (long together : new long[] {MEMORY.count(), 3 * MEMORY.count()}) {
      RuntimeConfig asked = config(limited().memorySwap(Bytes.of(together)));
      assertThatThrownBy(() -> SwapLimit.leftOut(asked))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("memory.swap.max")
          .hasMessageContaining("swapaccount=0");
    }
  }
}

package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinuxProviderTest {
  @Test
  void obstacle_isAnotherSystemOrMachine() {
    assertThat(LinuxProvider.obstacle("Linux", "amd64")).isEmpty();
    assertThat(LinuxProvider.obstacle("Linux", "aarch64")).isEmpty();
    assertThat(LinuxProvider.obstacle("Mac OS X", "aarch64").orElseThrow().reason())
        .contains("Mac OS X");
    assertThat(LinuxProvider.obstacle("Linux", "riscv64").orElseThrow().reason())
        .contains("riscv64");
  }
}

package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.ContainerPort;
import org.junit.jupiter.api.Test;

class ContainerLinksTest {
  @Test
  void exposedPorts_ofAnImage_areThoseThatAreKnown() {
    assertThat(ContainerLinks.parsed("80/tcp")).containsExactly(ContainerPort.tcp(80));
    assertThat(ContainerLinks.parsed("9/sctp")).as("another protocol").isEmpty();
    assertThat(ContainerLinks.parsed("http")).isEmpty();
  }
}

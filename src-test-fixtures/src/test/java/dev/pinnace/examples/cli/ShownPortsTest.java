package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownPortsTest {
  @Test
  void spelled_hasTheProtocol_andEachPortOfARange() {
    assertThat(ShownPorts.spelled("80")).containsExactly("80/tcp");
    assertThat(ShownPorts.spelled("53/UDP")).containsExactly("53/udp");
    assertThat(ShownPorts.spelled("8000-8001")).containsExactly("8000/tcp", "8001/tcp");
  }

  @Test
  void spelled_whatIsNotKnown_isAsItWas() {
    assertThat(ShownPorts.spelled("80/sctp")).containsExactly("80/sctp");
    assertThat(ShownPorts.spelled("web")).containsExactly("web");
  }
}

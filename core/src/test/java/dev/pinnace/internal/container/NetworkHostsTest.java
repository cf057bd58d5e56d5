package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.container.NetworkHosts.Line;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NetworkHostsTest {
  @Test
  void replaced_writesEachNameOnce_andLeavesTheRest() {
    String first =
        NetworkHosts.replaced(
            "127.0.0.1\tlocalhost",
            List.of(new Line("10.0.0.2", Optional.empty(), List.of("a", "b", "a"))));
    assertThat(first).startsWith("127.0.0.1\tlocalhost\n#").contains("\n10.0.0.2\ta b\n");
    String edited = first + "1.2.3.4\town\n";
    String second =
        NetworkHosts.replaced(
            edited, List.of(new Line("10.0.0.3", Optional.empty(), List.of("c"))));
    assertThat(second)
        .startsWith("127.0.0.1\tlocalhost\n#")
        .contains("\n10.0.0.3\tc\n")
        .endsWith("\n1.2.3.4\town\n")
        .doesNotContain("10.0.0.2");
    assertThat(
            NetworkHosts.replaced(
                second, List.of(new Line("10.0.0.3", Optional.empty(), List.of("c")))))
        .isEqualTo(second);
  }

  @Test
  void replaced_whereTheEndWasTakenAway_replacesTheRest() {
    String file =
        NetworkHosts.replaced("", List.of(new Line("10.0.0.2", Optional.empty(), List.of("a"))));
    String cut = file.substring(0, file.lastIndexOf('#'));
    assertThat(
            NetworkHosts.replaced(
                cut, List.of(new Line("10.0.0.2", Optional.empty(), List.of("a")))))
        .isEqualTo(file);
  }

  @Test
  void replaced_withIpv6_writesALineForEachAddress() {
    assertThat(
            NetworkHosts.replaced(
                "", List.of(new Line("10.0.0.2", Optional.of("fd00::2"), List.of("a", "b")))))
        .contains("\n10.0.0.2\ta b\nfd00::2\ta b\n#");
  }
}

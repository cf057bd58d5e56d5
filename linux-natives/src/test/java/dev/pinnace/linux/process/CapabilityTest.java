package dev.pinnace.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CapabilityTest {
  @Test
  void number_isTheOneOfTheKernelHeader() throws IOException {
    Path header = Path.of("/usr/include/linux/capability.h");
    assumeTrue(Files.exists(header), "no kernel headers (linux-libc-dev)");
    Map<String, Integer> expected = new HashMap<>();
    Matcher matcher =
        Pattern.compile("(?m)^#define (CAP_[A-Z_]+)\\s+(\\d+)").matcher(Files.readString(header));
    while (matcher.find()) {
      expected.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }
    Map<String, Integer> actual = new HashMap<>();
    for (Capability capability : Capability.values()) {
      actual.put(capability.capName(), capability.number());
    }
    assertThat(actual).hasSize(41).containsAllEntriesOf(expected);
  }

  @Test
  void parse_takesNamesWithAndWithoutPrefix() {
    assertThat(Capability.parse("CAP_SYS_ADMIN")).isEqualTo(Capability.SYS_ADMIN);
    assertThat(Capability.parse("net_raw")).isEqualTo(Capability.NET_RAW);
    assertThat(Capability.parse("cap_chown")).isEqualTo(Capability.CHOWN);
    assertThatThrownBy(() -> Capability.parse("CAP_CAP_KILL"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"CAP_CAP_KILL\" is not a capability");
  }

  @Test
  void parseAll_allStandsForEveryOne() {
    assertThat(Capability.parseAll(List.of("all"))).isEqualTo(Capability.ALL);
    assertThat(Capability.parseAll(List.of("KILL", "CAP_BPF", "KILL")))
        .containsExactly(Capability.KILL, Capability.BPF);
  }

  @Test
  void mask_andBack() {
    assertThat(Capability.mask(Capability.ALL)).isEqualTo((1L << 41) - 1);
    assertThat(Capability.mask(EnumSet.of(Capability.CHOWN, Capability.SYS_ADMIN)))
        .isEqualTo(0x200001L);
    assertThat(Capability.ofMask(0x200001L))
        .containsExactly(Capability.CHOWN, Capability.SYS_ADMIN);
    assertThat(Capability.ofMask(-1L)).isEqualTo(Capability.ALL);
  }
}

package dev.pinnace.internal.isolation.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkCountersTest {
  private static final List<String> TABLE =
      List.of(
          "Inter-|   Receive                                                |  Transmit",
          " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs",
          "    lo: 9999999  333 0 0 0 0 0 0 9999999 333 0 0 0 0 0 0",
          "  eth0:    1500   10 0 0 0 0 0 0     700   7 0 0 0 0 0 0",
          "eth1:9000000000 70 0 0 0 0 0 0 1 1 0 0 0 0 0 0");

  @Test
  void allInterfaces_butLoopback_count() {
    assertThat(NetworkCounters.parse(TABLE))
        .isEqualTo(new NetworkCounters(Bytes.of(9_000_001_500L), Bytes.of(701)));
    assertThat(NetworkCounters.parse(TABLE.subList(0, 3)))
        .isEqualTo(new NetworkCounters(Bytes.ZERO, Bytes.ZERO));
  }

  @Test
  void whoSharesOurNetwork_hasNoneOfHisOwn_norHasWhoIsGone() {
    assertThat(NetworkCounters.of((int) ProcessHandle.current().pid())).isEmpty();
    assertThat(NetworkCounters.of(Integer.MAX_VALUE)).isEmpty();
  }
}

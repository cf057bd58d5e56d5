package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as kernels write them, in a directory that is no cgroup. */
class CgroupUsageTest {
  @TempDir private Path group;

  private void file(String name, String text) throws IOException {
    Files.writeString(group.resolve(name), text);
  }

  @Test
  void of_allControllers() throws IOException {
    file("cpu.stat", "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n");
    file("memory.current", "10485760\n");
    file("memory.stat", "anon 4096\nworkingset_inactive_file 7\ninactive_file 8388608\n");
    file("memory.max", "67108864\n");
    file("io.stat", "8:0 rbytes=100 wbytes=20 rios=3 wios=1 dbytes=0\n253:1 rbytes=1 wbytes=2\n");
    file("pids.current", "17\n");
    assertThat(CgroupUsage.of(group))
        .contains(
            new CgroupUsage(
                Duration.ofMillis(1500),
                Optional.of(Bytes.mebi(2)),
                Optional.of(Bytes.mebi(64)),
                Optional.of(Bytes.of(101)),
                Optional.of(Bytes.of(22)),
                OptionalLong.of(17)));
  }

  @Test
  void of_noController_isEmptyAndNotZero() throws IOException {
    file("cpu.stat", "usage_usec 7\n");
    assertThat(CgroupUsage.of(group))
        .contains(
            new CgroupUsage(
                Duration.ofNanos(7000),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty()));
  }

  @Test
  void of_nothingReadOrLimited() throws IOException {
    file("cpu.stat", "usage_usec 7\n");
    file("io.stat", "");
    file("memory.current", "5\n");
    file("memory.max", "max\n");
    CgroupUsage usage = CgroupUsage.of(group).orElseThrow();
    assertThat(usage.bytesRead()).contains(Bytes.ZERO);
    assertThat(usage.memory()).contains(Bytes.of(5));
    assertThat(usage.memoryMax()).isEmpty();
  }

  /** The two numbers are not of the same moment. */
  @Test
  void of_moreCacheThanMemory_isAllOfTheMemory() throws IOException {
    file("cpu.stat", "usage_usec 7\n");
    file("memory.current", "4096\n");
    file("memory.stat", "inactive_file 8192\n");
    assertThat(CgroupUsage.of(group).orElseThrow().memory()).contains(Bytes.of(4096));
  }

  @Test
  void of_devicesOnOneLine_areSummed() throws IOException {
    file("cpu.stat", "usage_usec 7\n");
    file("io.stat", "7:1 7:0 8:0 rbytes=4096 wbytes=0 rios=1 wios=0\n8:16 rbytes=4096 wbytes=1\n");
    assertThat(CgroupUsage.of(group).orElseThrow().bytesRead()).contains(Bytes.of(8192));
  }

  @Test
  void of_cgroupThatIsGone_isEmpty() {
    assertThat(CgroupUsage.of(group.resolve("gone"))).isEmpty();
  }
}

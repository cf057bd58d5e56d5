package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files are written, and in which order; in a directory that is no cgroup. */
class CgroupLimitsTest {
  @TempDir private Path group;

  @BeforeEach
  void memory() throws IOException {
    file("memory.max", "8000");
    file("memory.swap.max", "4000");
    file("memory.current", "9000");
    stat(5000);
    file("memory.swap.current", "100");
  }

  private void stat(int anonymous) throws IOException {
    file(
        "memory.stat",
        "inactive_anon "
            + anonymous
            + "\nactive_anon 0\ninactive_file 2000\nactive_file 1000\nslab_reclaimable 1000\n");
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(group.resolve(name), text + "\n");
  }

  private String line(String file) throws IOException {
    return Files.readAllLines(group.resolve(file)).get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "9000, 5000, memory.swap.max",
    "7000, 5000, memory.swap.max",
    "7000, 3000, memory.max",
    "9000, 3000, memory.max"
  })
  void moreSwap_comesBeforeLessMemory_andLessSwapAfter(String memory, String swap, String first)
      throws IOException {
    assertThat(LimitChange.between(group, Map.of("memory.max", memory, "memory.swap.max", swap)))
        .extracting(LimitChange::file)
        .hasSize(2)
        .startsWith(first);
  }

  @Test
  void set_whatIsNotWanted_isLifted() throws IOException {
    file("cpu.max", "5000 100000");
    CgroupLimits.set(group, "c", Map.of("memory.max", "9000"), Bytes.ZERO);
    assertThat(line("memory.max")).isEqualTo("9000");
    assertThat(line("memory.swap.max")).startsWith("max");
    assertThat(line("cpu.max")).isEqualTo("max 100000");
  }

  /** What processes have is 5000 here: the rest is cache. */
  @ParameterizedTest
  @CsvSource({
    "5000, max, 0, true",
    "4999, max, 0, false",
    "4000, max, 1000, true",
    "4000, max, 999, false",
    "4000, 1100, 5000, true",
    "4000, 1099, 5000, false",
    "4000, 0, 5000, false"
  })
  void set_lessMemoryThanProcessesHave_isRefused(
      String memory, String swap, long swapFree, boolean fits) throws IOException {
    Map<String, String> wanted = Map.of("memory.max", memory, "memory.swap.max", swap);
    if (fits) {
      CgroupLimits.set(group, "c", wanted, Bytes.of(swapFree));
      assertThat(line("memory.max")).isEqualTo(memory);
    } else {
      assertThatThrownBy(() -> CgroupLimits.set(group, "c", wanted, Bytes.of(swapFree)))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("container c uses 5000 bytes");
      assertThat(line("memory.max")).isEqualTo("8000");
      assertThat(line("memory.swap.max")).isEqualTo("4000");
    }
  }

  @Test
  void set_lessMemoryThanCanBeSwappedOut_isRefused() throws IOException {
    stat(999);
    Map<String, String> wanted = Map.of("memory.max", "4000", "memory.swap.max", "max");
    assertThatThrownBy(() -> CgroupLimits.set(group, "c", wanted, Bytes.of(100_000)))
        .isInstanceOf(ConflictException.class);
    stat(1000);
    CgroupLimits.set(group, "c", wanted, Bytes.of(100_000));
    assertThat(line("memory.max")).isEqualTo("4000");
  }

  @Test
  void set_fileThatIsNotThere_isRefusedBeforeAnythingIsWritten() throws IOException {
    assertThatThrownBy(
            () ->
                CgroupLimits.set(
                    group, "c", Map.of("memory.max", "9000", "pids.max", "1"), Bytes.ZERO))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("pids.max");
    assertThat(line("memory.max")).isEqualTo("8000");
  }

  /** The kernel refuses to empty that of a cgroup with processes. */
  @Test
  void cpuset_isLiftedToAllThatThereAre() throws IOException {
    Path below = Files.createDirectory(group.resolve("below"));
    Files.writeString(group.resolve("cpuset.cpus.effective"), "0-3\n");
    Files.writeString(below.resolve("cpuset.cpus"), "1\n");
    assertThat(LimitChange.between(below, Map.of()))
        .containsExactly(new LimitChange("cpuset.cpus", "1", "0-3"));
    Files.writeString(below.resolve("cpuset.cpus"), "\n");
    assertThat(LimitChange.between(below, Map.of())).isEmpty();
    assertThat(LimitChange.between(below, Map.of("cpuset.cpus", "2")))
        .containsExactly(new LimitChange("cpuset.cpus", "0-3", "2"));
  }

  @Test
  void set_whereTheCgroupIsGone_doesNothing() {
    CgroupLimits.set(group.resolve("gone"), "c", Map.of("pids.max", "1"), Bytes.ZERO);
    assertThat(group.resolve("gone")).doesNotExist();
  }

  @Test
  void weights_areOneLineForEachDisk() throws IOException {
    file("io.weight", "default 100\n8:0 200\n8:16 300");
    assertThat(weights("io.weight", "8:16 400\n8:32 500"))
        .containsExactly(
            new LimitChange("io.weight", "8:0 200", "8:0 default"),
            new LimitChange("io.weight", "8:16 300", "8:16 400"),
            new LimitChange("io.weight", "8:32 default", "8:32 500"));
    assertThat(weights("io.weight", "default 50\n8:0 200\n8:16 300"))
        .containsExactly(new LimitChange("io.weight", "default 100", "default 50"));
    file("io.bfq.weight", "default 70");
    file("cpu.max", "max 100000");
    file("io.weight", "default 100");
    assertThat(weights("cpu.max", "max 100000"))
        .containsExactly(new LimitChange("io.bfq.weight", "default 70", "default 100"));
  }

  @Test
  void hugePages_thatAreNotWanted_areLifted() throws IOException {
    file("hugetlb.2MB.max", "4194304");
    file("hugetlb.2MB.rsvd.max", "4194304");
    file("hugetlb.2MB.events", "max 0");
    file("hugetlb.1GB.max", "max");
    assertThat(weights("hugetlb.2MB.max", "2097152"))
        .containsExactlyInAnyOrder(
            new LimitChange("hugetlb.2MB.max", "4194304", "2097152"),
            new LimitChange("hugetlb.2MB.rsvd.max", "4194304", "max"));
  }

  private List<LimitChange> weights(String file, String wanted) throws IOException {
    return LimitChange.between(
        group, Map.of("memory.max", "8000", "memory.swap.max", "4000", file, wanted));
  }

  @Test
  void ioMax_isOneWholeLineForEachDevice() throws IOException {
    file(
        "io.max",
        "8:0 rbps=1 wbps=max riops=max wiops=max\n8:16 rbps=2 wbps=max riops=max wiops=max");
    assertThat(
            LimitChange.between(
                group,
                Map.of(
                    "memory.max", "8000",
                    "memory.swap.max", "4000",
                    "io.max", "8:0 rbps=1\n8:32 wbps=3\n8:32 wiops=4")))
        .containsExactly(
            new LimitChange(
                "io.max",
                "8:16 rbps=2 wbps=max riops=max wiops=max",
                "8:16 rbps=max wbps=max riops=max wiops=max"),
            new LimitChange(
                "io.max",
                "8:32 rbps=max wbps=max riops=max wiops=max",
                "8:32 rbps=max wbps=3 riops=max wiops=4"));
  }
}

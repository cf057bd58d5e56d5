package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeConfig.Resources;
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

/** Of disks that are directories. */
class DiskWeightsTest {
  @TempDir private Path devices;

  @BeforeEach
  void disks() throws IOException {
    disk("8:0", "none mq-deadline [bfq]");
    disk("8:16", "[none] mq-deadline bfq");
    Files.createDirectories(devices.resolve("8:1"));
    Files.writeString(devices.resolve("8:1/partition"), "1\n");
  }

  private void disk(String number, String schedulers) throws IOException {
    Path queue = Files.createDirectories(devices.resolve(number).resolve("queue"));
    Files.writeString(queue.resolve("scheduler"), schedulers + "\n");
  }

  private Map<String, String> heeded(String weights, boolean cost, boolean bfq, String qualities) {
    Resources asked = new Resources(Map.of("io.weight", weights), List.of());
    return DiskWeights.heeded(asked, devices, cost, bfq, qualities).unified();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "100, 100", "101, 100", "1000, 181", "10000, 1000"})
  void ofAll_goesToWhoeverIsThere(int weight, int ofBfq) {
    String line = "default " + weight;
    assertThat(heeded(line, true, false, "")).isEqualTo(Map.of("io.weight", line));
    assertThat(heeded(line, false, true, ""))
        .isEqualTo(Map.of("io.bfq.weight", "default " + ofBfq));
    assertThat(heeded(line, true, true, "")).hasSize(2);
  }

  @Test
  void ofAll_thatNobodyHeeds_isRefused() {
    assertThatThrownBy(() -> heeded("default 50", false, false, ""))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("neither io.weight nor io.bfq.weight");
  }

  @Test
  void ofADisk_goesToWhoeverHeedsItThere() {
    assertThat(heeded("8:0 10000", true, true, "")).isEqualTo(Map.of("io.bfq.weight", "8:0 1000"));
    assertThat(heeded("8:16 300", true, true, "8:16 enable=1 ctrl=auto"))
        .isEqualTo(Map.of("io.weight", "8:16 300"));
    assertThat(heeded("default 50\n8:0 70\n8:16 300", true, true, "8:16 enable=1 ctrl=auto"))
        .isEqualTo(
            Map.of("io.weight", "default 50\n8:16 300", "io.bfq.weight", "default 50\n8:0 70"));
  }

  @ParameterizedTest
  @CsvSource({"8:16, true, ''", "8:16, true, 8:16 enable=0 ctrl=auto", "8:0, false, ''"})
  void ofADisk_thatNobodyHeeds_isRefused(String disk, boolean bfq, String qualities) {
    assertThatThrownBy(() -> heeded(disk + " 300", true, bfq, qualities))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("of the block device " + disk)
        .hasMessageContaining("queue/scheduler");
  }

  @Test
  void ofWhatIsNoDisk_isRefused() {
    assertThatThrownBy(() -> heeded("9:9 300", true, true, ""))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no block device 9:9");
    assertThatThrownBy(() -> heeded("8:1 300", true, true, ""))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is a partition");
  }
}

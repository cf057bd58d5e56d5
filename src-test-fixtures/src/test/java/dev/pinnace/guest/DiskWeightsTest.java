package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Shares of a disk, by the scheduler that heeds them; none of it can be chosen on a host. */
@Tag("vm")
@Needs({"root", "cgroup-v2-io"})
class DiskWeightsTest extends GuestFixture {
  private static final Path SCHEDULER = Path.of("/sys/block/vda/queue/scheduler");
  private static final String DISK = Sandbox.lines(Path.of("/sys/block/vda/dev")).get(0);

  private static String current() {
    return Sandbox.lines(SCHEDULER).get(0).replaceFirst(".*\\[(.*)].*", "$1");
  }

  private static ContainerSpecBuilder weighed(int weight) {
    return sandbox.sh("exec sleep 600").ioWeight(DISK, weight);
  }

  private static String lines(Container container, String file) throws IOException {
    return Files.readString(Sandbox.cgroup(container).resolve(file));
  }

  @Test
  void weight_thatNobodyHeeds_isRefused() {
    assertThat(current()).isNotEqualTo("bfq");
    assertThatThrownBy(() -> sandbox.pinnace().containers().create(weighed(300)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("of the block device " + DISK)
        .hasMessageContaining("queue/scheduler");
  }

  @Test
  void weight_whereCostIsCounted_isOfIoWeight() throws IOException {
    Path qualities = Sandbox.mount().resolve("io.cost.qos");
    Files.writeString(qualities, DISK + " enable=1");
    try {
      Container container = start(weighed(300).ioWeight(50));
      assertThat(lines(container, "io.weight")).isEqualTo("default 50\n%s 300\n".formatted(DISK));
      container.update(Limits.builder().ioWeight(DISK, 400).build());
      assertThat(lines(container, "io.weight")).isEqualTo("default 100\n%s 400\n".formatted(DISK));
      container.update(Limits.NONE);
      assertThat(lines(container, "io.weight")).isEqualTo("default 100\n");
      container.remove(true);
    } finally {
      Files.writeString(qualities, DISK + " enable=0");
    }
  }

  @Test
  void weight_ofADiskOfBfq_isItsWeight() throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("modprobe", "bfq").start().waitFor()).isZero();
    String before = current();
    Files.writeString(SCHEDULER, "bfq");
    try {
      Container container = start(weighed(1200).ioWeight(50));
      assertThat(lines(container, "io.bfq.weight"))
          .isEqualTo("default 50\n%s 200\n".formatted(DISK));
      container.update(Limits.NONE);
      assertThat(lines(container, "io.bfq.weight")).isEqualTo("default 100\n");
      container.remove(true);
    } finally {
      Files.writeString(SCHEDULER, before);
    }
  }
}

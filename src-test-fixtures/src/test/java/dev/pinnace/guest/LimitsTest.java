package dev.pinnace.guest;

import static dev.pinnace.event.Event.Action.CREATE;
import static dev.pinnace.event.Event.Action.DIE;
import static dev.pinnace.event.Event.Action.OOM;
import static dev.pinnace.event.Event.Action.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RunResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits limit. What the kernel did is read from the container's own cgroup, never from clocks. */
@Tag("vm")
@Needs({
  "root",
  "cgroup-v2-memory",
  "cgroup-v2-cpu",
  "cgroup-v2-cpuset",
  "cgroup-v2-io",
  "cgroup-v2-pids"
})
class LimitsTest extends GuestFixture {
  private static String value(String text) {
    return text.strip();
  }

  private static long field(String text, String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void memory_exceeded_endsTheContainerAndSaysSo() {
    ExitStatus status =
        sandbox.run(sandbox.sh("exec tail /dev/zero").memory(Bytes.mebi(24))).status();

    assertThat(status.outOfMemory()).isTrue();
    assertThat(status.code()).isEqualTo(137);
    assertThat(status.usage().peakMemory()).isGreaterThan(Bytes.mebi(16));
  }

  @Test
  void memory_exceededByAChild_isReportedThoughTheContainerGoesOn() {
    RunResult result =
        sandbox.run(sandbox.sh("tail /dev/zero; echo went on").memory(Bytes.mebi(24)));

    assertThat(result.stdout()).contains("went on");
    assertThat(result.exitCode()).isZero();
    assertThat(result.status().outOfMemory()).isTrue();
  }

  @Test
  void memory_exceededByAChild_killsAllWhereThatIsAsked() {
    RunResult result =
        sandbox.run(sandbox.sh("tail /dev/zero; echo went on").memory(Bytes.mebi(24)).oomGroup());

    assertThat(result.stdout()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(137);
    assertThat(result.status().outOfMemory()).isTrue();
  }

  @Test
  void memory_exceeded_isToldBeforeTheEnd() {
    Container container =
        sandbox
            .pinnace()
            .containers()
            .start(sandbox.sh("exec tail /dev/zero").memory(Bytes.mebi(24)));
    container.await();
    EventFilter past = EventFilter.all().since(Instant.EPOCH).until(Instant.now());
    try (Stream<Event> events = sandbox.pinnace().events(past.container(container.id()))) {
      assertThat(events.map(Event::action)).containsExactly(CREATE, START, OOM, DIE);
    }
    container.remove(true);
  }

  @Test
  void memory_notExceeded_isNotReported() {
    assertThat(sandbox.run(sandbox.sh("true").memory(Bytes.mebi(64))).status().outOfMemory())
        .isFalse();
  }

  @Test
  void memory_alone_allowsAsMuchSwap() {
    RunResult result =
        sandbox.run(
            sandbox
                .sh("cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.swap.max")
                .memory(Bytes.mebi(32)));

    assertThat(result.stdout().lines()).containsExactly("33554432", "33554432");
  }

  @Test
  void memorySwap_countsMemoryToo() {
    RunResult result =
        sandbox.run(
            sandbox
                .sh("cat /sys/fs/cgroup/memory.swap.max /sys/fs/cgroup/memory.low")
                .memory(Bytes.mebi(32))
                .memoryReservation(Bytes.mebi(16))
                .memorySwap(Bytes.mebi(48)));

    assertThat(result.stdout().lines()).containsExactly("16777216", "16777216");
  }

  @Test
  void pids_exceeded_makesForkFail() {
    RunResult result =
        sandbox.run(sandbox.sh("sleep 9 & sleep 9 & sleep 9 & echo too many").pids(3));

    assertThat(result.stderr()).containsIgnoringCase("fork");
    assertThat(result.stdout()).doesNotContain("too many");
    assertThat(result.exitCode()).isNotZero();
  }

  @Test
  void cpus_exceeded_throttles() {
    RunResult result =
        sandbox.run(
            sandbox
                .sh(
                    "while :; do while read -r name value; do"
                        + " [ \"$name\" != nr_throttled ] || [ \"$value\" -lt 2 ] || break 2;"
                        + " done </sys/fs/cgroup/cpu.stat; done;"
                        + " cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.stat")
                .cpus(0.2)
                .timeout(Duration.ofMinutes(1)));

    assertThat(result.stdout()).startsWith("20000 100000\n");
    assertThat(field(result.stdout(), "nr_throttled")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void cpuset_isWhatTheProgramMayUse() {
    RunResult result =
        sandbox.run(sandbox.sh("nproc; cat /sys/fs/cgroup/cpuset.cpus.effective").cpusetCpus("1"));

    assertThat(result.stdout().lines()).containsExactly("1", "1");
  }

  @Test
  void cpuset_ofAProcessorThatIsNotThere_namesTheStep() {
    assertThatThrownBy(() -> sandbox.run(sandbox.sh("true").cpusetCpus("900")))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("cpuset.cpus to 900");
  }

  @Test
  void weight_isSet() {
    RunResult result = sandbox.run(sandbox.sh("cat /sys/fs/cgroup/cpu.weight").cpuWeight(250));

    assertThat(value(result.stdout())).isEqualTo("250");
  }

  @Test
  void ioMax_takesALineForEachLimit() {
    String disk = Sandbox.lines(Path.of("/sys/block/vda/dev")).get(0);

    RunResult result =
        sandbox.run(
            sandbox
                .sh("cat /sys/fs/cgroup/io.max")
                .ioMax(disk + " rbps=1048576")
                .ioMax(disk + " wiops=100"));

    assertThat(value(result.stdout()))
        .isEqualTo(disk + " rbps=1048576 wbps=max riops=max wiops=100");
  }

  @Test
  void usage_isTheCgroups() {
    ExitStatus.Usage usage =
        sandbox
            .run(sandbox.sh("x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo ${#x}"))
            .status()
            .usage();

    assertThat(usage.cpu()).isPositive();
    assertThat(usage.peakMemory()).isBetween(Bytes.of(20_000_000), Bytes.mebi(400));
  }
}

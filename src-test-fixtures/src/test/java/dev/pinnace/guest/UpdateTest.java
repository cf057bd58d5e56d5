package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.RestartPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits that change, as the kernel has them. */
@Tag("vm")
@Needs({
  "root",
  "cgroup-v2-memory",
  "cgroup-v2-cpu",
  "cgroup-v2-cpuset",
  "cgroup-v2-io",
  "cgroup-v2-pids"
})
class UpdateTest extends GuestFixture {
  private static final String IDLE = "exec sleep 600";
  private static final Limits FEW =
      Limits.builder().memory(Bytes.mebi(64)).cpus(0.5).pids(10).build();
  private static final Limits MORE =
      Limits.builder()
          .memory(Bytes.mebi(96))
          .memorySwap(Bytes.mebi(128))
          .memoryReservation(Bytes.mebi(32))
          .cpus(1.5)
          .cpuWeight(250)
          .cpusetCpus("1")
          .pids(20)
          .build();

  private static String outside(Container container, String file) {
    return String.join("|", Sandbox.lines(Sandbox.cgroup(container).resolve(file)));
  }

  private static String inside(Container container, String file) {
    return container.execute("cat", "/sys/fs/cgroup/" + file).stdout().strip();
  }

  private static void assertFew(Container container) {
    assertThat(outside(container, "memory.max")).isEqualTo("67108864");
    assertThat(outside(container, "memory.swap.max")).isEqualTo("67108864");
    assertThat(outside(container, "memory.low")).isEqualTo("0");
    assertThat(outside(container, "cpu.max")).isEqualTo("50000 100000");
    assertThat(outside(container, "cpuset.cpus.effective")).isEqualTo("0-1");
    assertThat(outside(container, "pids.max")).isEqualTo("10");
    assertThat(container.inspect().spec().limits()).isEqualTo(FEW);
  }

  private static void assertMore(Container container) {
    assertThat(outside(container, "memory.max")).isEqualTo("100663296");
    assertThat(outside(container, "memory.swap.max")).isEqualTo("33554432");
    assertThat(outside(container, "memory.low")).isEqualTo("33554432");
    assertThat(outside(container, "cpu.max")).isEqualTo("150000 100000");
    assertThat(outside(container, "cpu.weight")).isEqualTo("250");
    assertThat(outside(container, "cpuset.cpus")).isEqualTo("1");
    assertThat(outside(container, "pids.max")).isEqualTo("20");
    assertThat(container.inspect().spec().limits()).isEqualTo(MORE);
  }

  @Test
  void update_isInForceAtOnce_andLifted() {
    Container container = start(sandbox.sh(IDLE).limits(FEW));
    assertFew(container);

    container.update(MORE);
    assertMore(container);
    assertThat(inside(container, "memory.max")).isEqualTo("100663296");
    assertThat(container.execute("nproc").stdout().strip()).isEqualTo("1");

    container.pause();
    container.update(FEW);
    assertFew(container);
    container.unpause();

    container.update(Limits.NONE);
    assertThat(outside(container, "memory.max")).isEqualTo("max");
    assertThat(outside(container, "memory.swap.max")).isEqualTo("max");
    assertThat(outside(container, "cpu.max")).isEqualTo("max 100000");
    assertThat(outside(container, "pids.max")).isEqualTo("max");
    assertThat(container.inspect().spec().limits()).isEqualTo(Limits.NONE);
    container.remove(true);
  }

  @Test
  void ioMax_isTheWholeOfWhatIsGiven() {
    String disk = Sandbox.lines(Path.of("/sys/block/vda/dev")).get(0);
    Container container = start(sandbox.sh(IDLE).ioMax(disk + " rbps=1048576"));

    container.update(
        Limits.builder().ioMax(disk + " wbps=2097152").ioMax(disk + " wiops=100").build());
    assertThat(outside(container, "io.max"))
        .isEqualTo(disk + " rbps=max wbps=2097152 riops=max wiops=100");

    assertThatThrownBy(
            () ->
                container.update(
                    Limits.builder().ioMax(disk + " rbps=4096").ioMax("250:250 rbps=1").build()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("io.max")
        .hasMessageContaining("250:250");
    assertThat(outside(container, "io.max"))
        .isEqualTo(disk + " rbps=max wbps=2097152 riops=max wiops=100");

    container.update(Limits.NONE);
    assertThat(outside(container, "io.max")).isEmpty();
    container.remove(true);
  }

  @Test
  void update_ofWhatDoesNotRun_isInForceWhenItDoes() {
    Container container = sandbox.pinnace().containers().create(sandbox.sh(IDLE).limits(FEW));
    container.update(MORE);
    container.start();
    assertMore(container);
    container.stop(Duration.ZERO);
    container.update(FEW);
    container.restart(Duration.ZERO);
    assertFew(container);
    container.update(MORE);
    container.restart(Duration.ZERO);
    assertMore(container);
    container.remove(true);
  }

  /** The supervisor has the plan of the first start, whose limits are not those any more. */
  @Test
  void restartByThePolicy_keepsThem() throws InterruptedException {
    Container container =
        start(
            sandbox
                .sh(
                    "[ ! -e /second ] || exec sleep 600; while [ ! -e /go ]; do sleep 0.1; done;"
                        + " : >/second; exit 1")
                .limits(FEW)
                .restart(RestartPolicy.onFailure(3)));
    assertFew(container);
    container.update(MORE);
    container.execute("sh", "-c", ": >/go");

    assertThat(
            Sandbox.eventually(
                () ->
                    container.inspect().restarts() == 1
                        && container.inspect().status() == ContainerStatus.RUNNING))
        .isTrue();
    assertMore(container);
    assertThat(inside(container, "pids.max")).isEqualTo("20");
    container.remove(true);
  }

  @Test
  void update_thatTheKernelRefuses_changesNothing() {
    Container container = start(sandbox.sh(IDLE).limits(FEW));

    assertThatThrownBy(() -> container.update(MORE.toBuilder().cpusetCpus("900").build()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cpuset.cpus")
        .hasMessageContaining("900");

    assertFew(container);
    assertThat(outside(container, "cpu.weight")).isEqualTo("100");
    container.remove(true);
  }

  @Test
  void update_thatCannotBeRecorded_changesNothing() {
    Container container = start(sandbox.sh(IDLE).limits(FEW));
    FaultPoints.listen(
        point -> {
          if (point.equals("limited")) {
            assertThat(outside(container, "pids.max")).isEqualTo("20");
            throw new IllegalStateException("no room");
          }
        });
    try {
      assertThatThrownBy(() -> container.update(MORE)).hasMessageContaining("no room");
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertFew(container);
    container.remove(true);
  }

  @Test
  void lessMemoryThanProcessesHave_isRefused_andThanFilesHave_isNot() throws Exception {
    Container container =
        start(sandbox.sh("x=$(head -c 16000000 /dev/zero | tr '\\0' x); sleep 600; echo ${#x}"));
    assertThat(
            Sandbox.eventually(() -> container.stats().memory().orElseThrow().count() > 16_000_000))
        .isTrue();
    container.execute("sh", "-c", "head -c 64000000 /dev/zero >/big");
    assertThat(new ProcessBuilder("sync").start().waitFor()).isZero();

    assertThatThrownBy(
            () ->
                container.update(
                    Limits.builder().memory(Bytes.mebi(8)).memorySwap(Bytes.mebi(8)).build()))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("would kill");
    assertThat(outside(container, "memory.max")).isEqualTo("max");

    container.update(Limits.builder().memory(Bytes.mebi(80)).build());
    assertThat(outside(container, "memory.max")).isEqualTo("83886080");
    assertThat(Sandbox.lines(Sandbox.cgroup(container).resolve("memory.events")))
        .contains("oom_kill 0");
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.remove(true);
  }

  @Test
  void updatesAtOnce_endWithOne_inKernelAndRecord() {
    Container container = start(sandbox.sh(IDLE));
    List<CompletableFuture<Void>> updates =
        IntStream.range(1, 9)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () ->
                            container.update(
                                Limits.builder().pids(100 + i).cpuWeight(200 + i).build())))
            .toList();
    updates.forEach(CompletableFuture::join);
    Limits last = container.inspect().spec().limits();
    assertThat(outside(container, "pids.max")).isEqualTo("" + last.pids().orElseThrow());
    assertThat(outside(container, "cpu.weight")).isEqualTo("" + last.cpuWeight().orElseThrow());
    container.remove(true);
  }
}

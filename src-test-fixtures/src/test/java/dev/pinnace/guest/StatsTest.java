package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Stats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a host with every controller counts. Files lie on a disk, or there is no cache to see. */
@Tag("vm")
@Needs({"root", "cgroup-v2-memory", "cgroup-v2-io", "cgroup-v2-pids"})
class StatsTest extends GuestFixture {
  private static final Bytes BIG = Bytes.mebi(48);
  private static final Bytes SMALL = Bytes.mebi(24);

  private static void sh(Container container, String script) {
    assertThat(container.execute("sh", "-c", script).exitCode()).isZero();
  }

  private static long number(Container container, String file) {
    return Long.parseLong(Sandbox.lines(Sandbox.cgroup(container).resolve(file)).get(0));
  }

  /** The cache is emptied in between, so that what is read comes from the disk, and is not used. */
  @Test
  void cacheOfFiles_isNoMemory_butReadAndWritten() throws IOException, InterruptedException {
    Container container = start(sandbox.sh("exec sleep 600"));
    sh(container, "head -c " + BIG.count() + " /dev/zero >/big");
    assertThat(new ProcessBuilder("sync").start().waitFor()).isZero();
    assertThat(
            Sandbox.eventually(
                () -> container.stats().bytesWritten().orElseThrow().compareTo(BIG) >= 0))
        .isTrue();
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3");
    Bytes before = container.stats().bytesRead().orElseThrow();
    sh(container, "cat /big >/dev/null");

    Stats stats = container.stats();

    assertThat(number(container, "memory.current")).isGreaterThan(BIG.count());
    assertThat(stats.memory().orElseThrow()).isLessThan(SMALL);
    assertThat(stats.bytesRead().orElseThrow().count() - before.count())
        .isGreaterThanOrEqualTo(BIG.count());
    container.remove(true);
  }

  @Test
  void memoryOfProcesses_isCounted() throws InterruptedException {
    Container container =
        start(sandbox.sh("x=$(head -c 8000000 /dev/zero | tr '\\0' x); sleep 600; echo ${#x}"));

    assertThat(
            Sandbox.eventually(() -> container.stats().memory().orElseThrow().count() > 8_000_000))
        .isTrue();
    container.remove(true);
  }

  @Test
  void memoryLimit_isTheContainersOrTheHosts() {
    Container limited = start(sandbox.sh("exec sleep 600").memory(Bytes.mebi(64)));
    Container free = start(sandbox.sh("exec sleep 600"));

    assertThat(limited.stats().memoryLimit()).contains(Bytes.mebi(64));
    assertThat(limited.stats().memoryPercent().orElseThrow()).isBetween(0.001, 50.0);
    assertThat(free.stats().memoryLimit().orElseThrow().count() / 1024)
        .isEqualTo(memoryOfTheHost());
    limited.remove(true);
    free.remove(true);
  }

  private static long memoryOfTheHost() {
    String line = Sandbox.lines(Path.of("/proc/meminfo")).get(0);
    return Long.parseLong(line.replaceAll("\\D", ""));
  }

  @Test
  void pids_areTheContainers() throws InterruptedException {
    Container container = start(sandbox.sh("sleep 600 & sleep 600 & sleep 600"));

    assertThat(Sandbox.eventually(() -> container.stats().pids().orElseThrow() == 4)).isTrue();
    container.remove(true);
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ProcessInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The processes of containers. */
class TopTest extends EngineFixture {
  private static final String TWO =
      "busybox sleep 1000 & trap 'exit 0' TERM; echo ready; while :; do wait; done";

  private static List<String> commands(Container container) {
    return container.top().stream().map(ProcessInfo::command).toList();
  }

  @Test
  void top_listsTheProcessesOfTheContainerAlone() {
    Container container = ready(engine.containers().start(shell(TWO).user("1234:1234")));
    ready(engine.containers().start(waiting()));
    eventually(() -> commands(container).contains("busybox sleep 1000"));
    List<ProcessInfo> processes = container.top();
    assertThat(processes).hasSize(2);
    ProcessInfo first = processes.get(0);
    assertThat(first.pid()).isEqualTo(container.inspect().pid().orElseThrow());
    assertThat(first.innerPid()).isOne();
    assertThat(first.uid()).isEqualTo(1234);
    assertThat(first.command()).startsWith("busybox sh -c ");
    assertThat(first.terminal()).isEqualTo("?");
    assertThat(first.threads()).isOne();
    assertThat(first.resident().count()).isPositive();
    assertThat(first.virtualSize()).isGreaterThan(first.resident());
    assertThat(first.name()).isEqualTo("busybox");
    assertThat(first.started())
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
    assertThat(processes.get(1).parent()).isEqualTo(first.pid());
    assertThat(processes.get(1).state()).isEqualTo('S');
  }

  @Test
  void top_ofAPausedContainerWithAnExec_byAnotherEngine() {
    Container container = ready(engine.containers().start(waiting()));
    container.executeDetached(ExecSpec.of("busybox", "sleep", "1234"));
    container.pause();
    try (Pinnace other = engine()) {
      assertThat(commands(other.containers().get(container.id().hex())))
          .contains("busybox sleep 1234");
    }
    container.unpause();
  }

  @Test
  void top_countsTheTimeOfAProcessor() {
    Container container = engine.containers().start(shell("while :; do :; done"));
    eventually(() -> container.top().get(0).cpuTime().compareTo(Duration.ofMillis(100)) > 0);
    assertThat(container.top().get(0).state()).isEqualTo('R');
  }

  /** The kernel tells the processes of such a cgroup in the one above it only. */
  @Test
  void top_ofAContainerWithAThreadedCgroup_listsItsProcesses() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    Path threaded = Cgroups.base(root()).resolve(container.id().hex()).resolve("threaded");
    Files.createDirectory(threaded);
    try {
      Files.writeString(threaded.resolve("cgroup.type"), "threaded");
      assertThat(container.top()).isNotEmpty();
    } finally {
      Files.delete(threaded);
    }
  }

  @Test
  void top_ofWhatDoesNotRun_isRefused() {
    Container container = engine.containers().create(waiting().name("idle"));
    assertThatThrownBy(container::top)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("container idle does not run");
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the start of a supervisor finds, and what it leaves. */
@Needs("root")
class SpawningTest extends EngineFixture {
  private static List<String> zombies() throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      String parent = "PPid:\t" + ProcessHandle.current().pid() + "\n";
      return processes
          .filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .map(process -> status(process))
          .filter(status -> status.contains(parent) && status.contains("State:\tZ"))
          .toList();
    }
  }

  private static String status(Path process) {
    try {
      return Files.readString(process.resolve("status"));
    } catch (IOException gone) {
      return "";
    }
  }

  private static void eventuallyNoZombies() {
    eventually(
        () -> {
          try {
            return zombies().isEmpty();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void start_whereTheCgroupsWereTidiedAway_makesThemAgain() throws IOException {
    Container container = engine.containers().create(waiting());
    Path base = Cgroups.base(root());
    eventually(() -> remove(base.resolve("supervisors")));
    eventually(() -> remove(base));
    container.start();
    ready(container);
    assertThat(Cgroups.of(root())).hasSize(1);
  }

  private static boolean remove(Path cgroup) {
    try {
      return Files.deleteIfExists(cgroup) || !Files.exists(cgroup);
    } catch (IOException busy) {
      return false;
    }
  }

  @Test
  void start_ofMany_leavesNoZombie() {
    for (int i = 0; i < 20; i++) {
      assertThat(engine.containers().run(shell("true")).exitCode()).isZero();
    }
    eventuallyNoZombies();
  }

  @Test
  void start_thatFails_leavesNoZombie_andTheNextOneIsFree() {
    Container container = engine.containers().create(shell("true").command("/no/such/program"));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(container::start).isInstanceOf(PinnaceException.class);
    }
    eventuallyNoZombies();
    assertThat(container.inspect().status()).isNotEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void start_interrupted_leavesNoSupervisor() throws IOException {
    Container container = engine.containers().create(waiting());
    Thread.currentThread().interrupt();
    assertThatThrownBy(container::start).isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Processes.of(root())).isEmpty();
    eventuallyNoZombies();
    container.start();
    ready(container);
  }

  /** What an earlier run left of its socket, and a socket that somebody else has put there. */
  @Test
  void start_overWhatWasLeft_takesItsPlace() throws IOException {
    Container container = engine.containers().create(shell("echo ready"));
    container.start();
    container.await();
    Path run = onlyRunDirectory();
    Files.deleteIfExists(run.resolve("sock"));
    Files.writeString(run.resolve("sock"), "no socket");
    container.start();
    container.await();
    assertThat(container.logs().text()).isEqualTo("ready\nready\n");
  }

  private static Path onlyRunDirectory() throws IOException {
    try (Stream<Path> all = Files.walk(runDirectory())) {
      return all.filter(path -> path.endsWith("lock") && path.getParent() != null)
          .map(Path::getParent)
          .filter(path -> path.getFileName().toString().matches("[0-9a-f]{12,64}"))
          .findFirst()
          .orElseThrow();
    }
  }
}

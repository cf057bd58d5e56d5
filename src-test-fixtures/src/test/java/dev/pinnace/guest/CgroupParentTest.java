package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cgroups of containers in another place of the tree, and that nothing stays there. */
@Tag("vm-too")
@Needs("root")
class CgroupParentTest extends GuestFixture {
  private static final String IDLE = "exec sleep 600";

  /** One of this JVM alone, from the root of the hierarchy. */
  private static String top() {
    return "/pinnace-parent-" + ProcessHandle.current().pid();
  }

  private static Path base() {
    Container container = start(sandbox.sh(IDLE));
    Path base = Sandbox.cgroup(container).resolveSibling("");
    container.remove(true);
    return base;
  }

  @Test
  void relative_isBelowTheEngines_andGoesWithTheContainer() throws InterruptedException {
    Path base = base();
    Container container = start(sandbox.sh(IDLE).cgroupParent("some/where"));
    Path own = Sandbox.cgroup(container);

    assertThat(own).isEqualTo(base.resolve("some/where").resolve(container.id().hex()));
    assertThat(own.resolveSibling("start-" + container.id().hex())).doesNotExist();
    assertThat(container.inspect().spec().namespaces().cgroupParent()).hasValue("some/where");
    assertThat(Sandbox.cgroupOf(Sandbox.supervisor(container)))
        .isEqualTo(base.resolve("supervisors"));

    container.stop(Duration.ofMillis(200));
    assertThat(Sandbox.eventually(() -> !Files.exists(base.resolve("some")))).isTrue();
    container.start();
    assertThat(Sandbox.cgroup(container)).isEqualTo(own);
    container.remove(true);
    assertThat(base.resolve("some")).doesNotExist();
  }

  @Test
  void absolute_isFromTheRoot_andWhatWasMadeIsRemoved() throws IOException {
    Path place = Sandbox.mount().resolve(top().substring(1));
    Files.createDirectory(place);
    try {
      Container one = start(sandbox.sh(IDLE).cgroupParent(top() + "/made/deep"));
      Container other = start(sandbox.sh(IDLE).cgroupParent(top() + "/made"));
      assertThat(Sandbox.cgroup(one).getParent()).isEqualTo(place.resolve("made/deep"));
      assertThat(Sandbox.cgroup(other).getParent()).isEqualTo(place.resolve("made"));

      one.remove(true);
      assertThat(place.resolve("made/deep")).doesNotExist();
      assertThat(other.execute("true").exitCode()).isZero();
      other.remove(true);
      assertThat(place.resolve("made")).doesNotExist();
      assertThat(place).exists();
    } finally {
      Files.delete(place);
    }
  }

  @Test
  void whatACgroupIsFor_worksThere() {
    Container container = start(sandbox.sh(IDLE).cgroupParent("works"));

    assertThat(container.execute("cat", "/proc/self/cgroup").stdout()).contains("0::/\n");
    assertThat(container.top()).hasSize(1);
    assertThat(container.stats().processors()).isPositive();
    container.pause();
    assertThat(Sandbox.lines(Sandbox.cgroup(container).resolve("cgroup.events")))
        .contains("frozen 1");
    container.unpause();
    try (Pinnace next = sandbox.another()) {
      next.containers().get(container.id().hex()).pause();
      next.containers().get(container.id().hex()).unpause();
    }
    container.remove(true);
  }

  @Test
  void root_isWhereItSays() {
    Container container = start(sandbox.sh(IDLE).cgroupParent("/"));
    assertThat(Sandbox.cgroup(container).getParent()).isEqualTo(Sandbox.mount());
    container.remove(true);
    assertThat(Sandbox.mount().resolve(container.id().hex())).doesNotExist();
  }

  /** What is removed at its end is so by a thread of the engine. */
  @Test
  void run_leavesNothing() throws InterruptedException {
    Path base = base();
    RunResult result = sandbox.run(sandbox.sh("cat /proc/self/cgroup").cgroupParent("short/life"));
    assertThat(result.exitCode()).isZero();
    assertThat(Sandbox.eventually(() -> !Files.exists(base.resolve("short")))).isTrue();
  }

  @Test
  void start_thatFails_leavesNothing() {
    Path base = base();
    assertThatThrownBy(
            () -> start(sandbox.sh("true").command("/no/such/program").cgroupParent("fails")))
        .isInstanceOf(PinnaceException.class);
    assertThat(base.resolve("fails")).doesNotExist();
  }

  @Test
  void supervisorKilled_theNextOpenRemovesThatTheCgroupWasIn()
      throws IOException, InterruptedException {
    Container container = start(sandbox.sh(IDLE).detached().cgroupParent("killed"));
    Path own = Sandbox.cgroup(container);
    int supervisor = Sandbox.supervisor(container);
    assertThat(new ProcessBuilder("kill", "-9", supervisor + "").start().waitFor()).isZero();
    assertThat(Sandbox.eventually(() -> !container.inspect().status().isAlive())).isTrue();

    Pinnace next = sandbox.another();
    next.close();

    assertThat(own.getParent()).doesNotExist();
    container.remove(true);
  }

  /** Each removes what the next is about to use. */
  @Test
  void several_comeAndGoInTheSame() throws Exception {
    Path base = base();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        codes.add(
            threads.submit(
                () -> sandbox.run(sandbox.sh("exit 7").cgroupParent("busy/one")).exitCode()));
      }
      for (Future<Integer> code : codes) {
        assertThat(code.get(2, TimeUnit.MINUTES)).isEqualTo(7);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(Sandbox.eventually(() -> !Files.exists(base.resolve("busy")))).isTrue();
  }

  @Test
  void parent_thatIsPinnacesOwn_isRefused() {
    String own = "/" + Sandbox.mount().relativize(base());
    assertThatThrownBy(
            () -> sandbox.pinnace().containers().create(sandbox.sh("true").cgroupParent(own)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("one of Pinnace's own");
  }

  @Test
  void parent_thatIsThreaded_isRefused() throws IOException {
    Path place = Sandbox.mount().resolve(top().substring(1) + "-t");
    Files.createDirectories(place);
    try {
      Files.writeString(place.resolve("cgroup.type"), "threaded");
      assertThatThrownBy(
              () ->
                  sandbox
                      .pinnace()
                      .containers()
                      .create(sandbox.sh("true").cgroupParent(top() + "-t/x")))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("threaded");
      assertThat(sandbox.pinnace().containers().list(ContainerFilter.all())).isEmpty();
    } finally {
      Files.delete(place);
    }
  }
}

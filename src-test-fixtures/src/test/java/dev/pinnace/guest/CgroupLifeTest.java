package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where containers and supervisors live in the cgroup tree, and that nothing of them stays. */
@Tag("vm-too")
@Needs("root")
class CgroupLifeTest extends GuestFixture {
  private static Container start(String script) {
    return sandbox.pinnace().containers().start(sandbox.sh(script));
  }

  @Test
  void containerAndSupervisor_areInLeavesBesideEachOther() {
    Container container = start("exec sleep 600");
    Path own = Sandbox.cgroup(container);

    assertThat(own.getFileName()).hasToString(container.id().hex());
    assertThat(Sandbox.cgroupOf(Sandbox.supervisor(container)))
        .isEqualTo(own.resolveSibling("supervisors"));

    container.remove(true);
    assertThat(own).doesNotExist();
  }

  @Test
  void paused_standsStillAndRefusesExec() {
    Container container = start("exec sleep 600");

    container.pause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
    assertThat(Sandbox.lines(Sandbox.cgroup(container).resolve("cgroup.events")))
        .contains("frozen 1");
    assertThatThrownBy(() -> container.execute("true"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("paused");

    container.unpause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(container.execute("true").exitCode()).isZero();
    container.remove(true);
  }

  @Test
  void stop_ofAPausedContainer_endsIt() {
    Container container = start("exec sleep 600");
    container.pause();

    container.stop(Duration.ofMillis(200));

    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    container.remove(false);
  }

  @Test
  void detached_leavesNoCgroup() throws InterruptedException {
    Container container =
        sandbox.pinnace().containers().start(sandbox.sh("exec sleep 600").detached());
    Path own = Sandbox.cgroup(container);

    container.stop(Duration.ofMillis(200));

    assertThat(Sandbox.eventually(() -> !Files.exists(own))).isTrue();
    container.remove(false);
  }

  @Test
  void end_killsWhatLivesOnInTheCgroup() throws InterruptedException {
    Container container =
        sandbox
            .pinnace()
            .containers()
            .start(sandbox.sh("sleep 600 & echo $!; sleep 0.2; exit 3").hostPid());

    assertThat(container.await(Duration.ofSeconds(30)).code()).isEqualTo(3);
    String orphan = container.logs().text().strip();
    assertThat(orphan).matches("\\d+");
    assertThat(Sandbox.eventually(() -> !Files.exists(Path.of("/proc", orphan)))).isTrue();
    container.remove(false);
  }

  @Test
  void restarts_runInTheSameCgroup() {
    Container container =
        sandbox
            .pinnace()
            .containers()
            .start(
                sandbox
                    .sh("sleep 300 & cat /proc/self/cgroup >&2; exit 7")
                    .restart(RestartPolicy.onFailure(2)));

    assertThat(container.await(Duration.ofSeconds(60)).code()).isEqualTo(7);
    assertThat(container.inspect().restarts()).isEqualTo(2);
    container.remove(false);
  }

  /** By its pid: a cgroup that is used again must not be killed as a whole. */
  @Test
  void restart_endsWhatHidInACgroupBelow() {
    Container container =
        sandbox
            .pinnace()
            .containers()
            .start(
                sandbox
                    .sh(
                        "cd /sys/fs/cgroup; if [ -d below ]; then cat below/cgroup.procs; exit 0; fi;"
                            + " mkdir below; sleep 300 & echo $! >below/cgroup.procs;"
                            + " echo hidden $(cat below/cgroup.procs); exit 7")
                    .hostPid()
                    .privileged()
                    .restart(RestartPolicy.onFailure(1)));

    assertThat(container.await(Duration.ofSeconds(60)).code()).isZero();
    assertThat(container.logs().text()).matches("hidden \\d+\n");
    container.remove(false);
  }

  @Test
  void supervisorKilled_theNextOpenRemovesTheCgroup() throws IOException, InterruptedException {
    Container container =
        sandbox.pinnace().containers().start(sandbox.sh("exec sleep 600").detached());
    Path own = Sandbox.cgroup(container);
    kill(Sandbox.supervisor(container));
    assertThat(Sandbox.eventually(() -> !container.inspect().status().isAlive())).isTrue();

    try (Pinnace next = sandbox.another()) {
      assertThat(own).doesNotExist();
      assertThat(
              next.containers().get(container.id().hex()).inspect().exit().orElseThrow().isKnown())
          .isFalse();
      next.containers().get(container.id().hex()).start();
      assertThat(next.containers().get(container.id().hex()).execute("true").exitCode()).isZero();
      next.containers().get(container.id().hex()).remove(true);
    }
    assertThat(own).doesNotExist();
  }

  private static void kill(int pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-9", pid + "").start().waitFor()).isZero();
  }
}

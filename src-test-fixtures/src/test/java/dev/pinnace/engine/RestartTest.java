package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.isolation.linux.supervisor.CrashPoints;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restarts by the supervisor. */
class RestartTest extends EngineFixture {
  /** See {@link CrashPoints#haltBefore}: steps of CHILD surround it. */
  private static final int IN_THE_CHILD = 60;

  @Test
  void onFailure_atMostSoOften() {
    Container container =
        engine.containers().start(shell("echo run; exit 4").restart(RestartPolicy.onFailure(2)));
    ExitStatus exit = container.await(Duration.ofSeconds(30));
    assertThat(exit.code()).isEqualTo(4);
    assertThat(exit.restarts()).isEqualTo(2);
    assertThat(container.inspect().restarts()).isEqualTo(2);
    assertThat(container.logs().text()).isEqualTo("run\nrun\nrun\n");
  }

  @Test
  void onFailure_success_isTheEnd() {
    Container container =
        engine
            .containers()
            .start(
                shell("echo x >> /n; [ $(busybox wc -l < /n) = 2 ]")
                    .restart(RestartPolicy.onFailure()));
    ExitStatus exit = container.await(Duration.ofSeconds(30));
    assertThat(exit.code()).isZero();
    assertThat(exit.restarts()).isEqualTo(1);
  }

  @Test
  void always_goesOnUntilItIsStopped() {
    Container container =
        engine.containers().start(shell("echo run; exit 0").restart(RestartPolicy.always()));
    Set<ContainerStatus> seen = EnumSet.noneOf(ContainerStatus.class);
    eventually(
        Duration.ofSeconds(30),
        () -> {
          ContainerState state = container.inspect();
          seen.add(state.status());
          return state.restarts() >= 4;
        });
    assertThat(seen).isSubsetOf(ContainerStatus.RESTARTING, ContainerStatus.RUNNING);
    container.stop();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(container.inspect().exit().orElseThrow().stopped()).isTrue();
    eventually(() -> supervisors().isEmpty()); // nobody is left to start it again
  }

  private static List<Integer> supervisors() {
    try {
      return Processes.supervisors(root());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void always_startingAgain_isNeverCreated() throws InterruptedException {
    Container container =
        engine.containers().start(shell("exit 0").restart(RestartPolicy.always()));
    eventually(Duration.ofSeconds(30), () -> container.inspect().restarts() >= 1);
    for (int i = 0; i < 300; i++) {
      assertThat(container.inspect().status())
          .isIn(ContainerStatus.RESTARTING, ContainerStatus.RUNNING);
      Thread.sleep(1);
    }
  }

  @Test
  void restarting_tellsHowItEnded_andIsNotPaused() {
    Container container =
        engine.containers().start(shell("exit 4").restart(RestartPolicy.always()));
    eventually(Duration.ofSeconds(60), () -> hasJustEnded(container));
    ExitStatus last = container.inspect().exit().orElseThrow();
    assertThat(last.code()).isEqualTo(4);
    assertThat(last.finished()).isPresent();
    eventually(Duration.ofSeconds(60), () -> isRefused(container::pause, container::unpause));
  }

  /** Between two runs, that is; one that ran just then is let go on. */
  private static boolean isRefused(Runnable pause, Runnable unpause) {
    try {
      pause.run();
    } catch (ConflictException e) {
      assertThat(e).hasMessageContaining("pause it once it runs");
      return true;
    }
    unpause.run();
    return false;
  }

  /**
   * And pauses for twice the time and more; that is 1.6 s at least, and doubles if it is missed.
   */
  private static boolean hasJustEnded(Container container) {
    ContainerState state = container.inspect();
    Instant halfway = Instant.now().minusMillis(50L << Math.min(state.restarts(), 9));
    return state.restarts() >= 4
        && state.status() == ContainerStatus.RESTARTING
        && state.exit().flatMap(ExitStatus::finished).filter(halfway::isBefore).isPresent();
  }

  @Test
  void frozenBetweenTwoRuns_itIsThawedForTheNext() throws IOException {
    Container container =
        engine.containers().start(shell("exit 4").restart(RestartPolicy.always()));
    eventually(Duration.ofSeconds(60), () -> hasJustEnded(container));
    int restarts = container.inspect().restarts();
    for (Path group : Cgroups.of(root())) {
      if (group.endsWith(container.id().hex())) {
        Files.writeString(group.resolve("cgroup.freeze"), "1");
      }
    }
    eventually(Duration.ofSeconds(90), () -> container.inspect().restarts() > restarts + 1);
  }

  @Test
  void update_toNever_betweenTwoRuns_endsIt() {
    Container container =
        engine.containers().start(shell("exit 4").restart(RestartPolicy.always()));
    eventually(Duration.ofSeconds(60), () -> hasJustEnded(container));
    int restarts = container.inspect().restarts();
    container.update(RestartPolicy.never());
    ExitStatus exit = container.await(Duration.ofSeconds(30));
    assertThat(exit.code()).isEqualTo(4);
    assertThat(exit.restarts()).isEqualTo(restarts);
  }

  @Test
  void update_ofThePolicy_worksAtOnce_andIsRecorded() {
    Container container =
        ready(engine.containers().start(waiting().restart(RestartPolicy.always())));
    container.update(RestartPolicy.never());
    container.execute("busybox", "kill", "1");
    assertThat(container.await(Duration.ofSeconds(30)).restarts()).isZero();
    assertThat(container.inspect().spec().lifecycle().restart()).isEqualTo(RestartPolicy.never());

    container.update(RestartPolicy.onFailure(2));
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    container.start();
    Container failing = engine.containers().start(shell("busybox sleep 1; exit 4"));
    failing.update(RestartPolicy.onFailure(1));
    ExitStatus exit = failing.await(Duration.ofSeconds(60));
    assertThat(exit.restarts()).isEqualTo(1);
    assertThat(exit.code()).isEqualTo(4);
  }

  @Test
  void update_ofThePolicy_ofWhatIsRemovedAtItsEnd_isRefused() {
    Container container = engine.containers().start(waiting().autoRemove());
    assertThatThrownBy(() -> container.update(RestartPolicy.always()))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("removed at its end");
    container.update(RestartPolicy.never());
  }

  /** What it is said to do while a start that is called off then is in the middle of its set-up. */
  private static ContainerStatus statusDuringSetUp(Container container, Runnable start) {
    CompletableFuture<Integer> halted = new CompletableFuture<>();
    CrashPoints.haltBefore(IN_THE_CHILD, 60_000, root(), halted::complete, positions -> {});
    try {
      CompletableFuture<Void> started = CompletableFuture.runAsync(start);
      halted.orTimeout(30, TimeUnit.SECONDS).join();
      ContainerStatus status = container.inspect().status();
      container.stop();
      assertThat(started).failsWithin(Duration.ofSeconds(20));
      return status;
    } finally {
      CrashPoints.haltBefore(Integer.MAX_VALUE, 0, root(), step -> {}, positions -> {});
    }
  }

  @Test
  void start_andRestart_ofWhatHasRun_isNeverCreated() {
    Container container = engine.containers().create(shell("exit 3"));
    assertThat(statusDuringSetUp(container, container::start)).isEqualTo(ContainerStatus.CREATED);

    Container second = engine.containers().start(shell("exit 3"));
    second.await();
    assertThat(statusDuringSetUp(second, second::start)).isEqualTo(ContainerStatus.RESTARTING);
    assertThat(statusDuringSetUp(second, second::restart)).isEqualTo(ContainerStatus.RESTARTING);
    assertThat(second.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    second.start();
    assertThat(second.await().code()).isEqualTo(3);
  }

  @Test
  void stop_runningWithAlways_isNotStartedAgain() {
    Container container =
        ready(engine.containers().start(waiting().restart(RestartPolicy.always())));
    container.stop();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(container.inspect().restarts()).isZero();
    container.start();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 15})
  void kill_byKillOrTheStopSignal_isNotStartedAgain(int signal) {
    Container container =
        ready(engine.containers().start(waiting().restart(RestartPolicy.always())));
    container.kill(new Signal(signal));
    ExitStatus exit = container.await(Duration.ofSeconds(20));
    assertThat(exit.restarts()).isZero();
    assertThat(exit.code()).isEqualTo(signal == 9 ? 137 : 0);
  }

  @Test
  void kill_byAnotherSignal_isStartedAgain() {
    Container container =
        ready(engine.containers().start(waiting().restart(RestartPolicy.always())));
    container.kill(Signal.INT);
    eventually(Duration.ofSeconds(20), () -> container.inspect().restarts() == 1);
  }

  @Test
  void kill_betweenTwoRuns_isTheEnd() {
    Container container =
        engine.containers().start(shell("exit 0").restart(RestartPolicy.always()));
    eventually(
        Duration.ofSeconds(60),
        () ->
            container.inspect().status() == ContainerStatus.RESTARTING
                && container.inspect().restarts() >= 4);
    container.kill(Signal.KILL);
    assertThat(container.await(Duration.ofSeconds(20)).isKnown()).isTrue();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void kill_byTheStopSignalThatIsIgnored_leavesItUsable() {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell("trap '' TERM; echo ready; while :; do busybox sleep 0.05; done")
                        .restart(RestartPolicy.always())));
    container.kill(Signal.TERM);
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
  }

  @Test
  void timeout_endsForGood() {
    Container container =
        engine
            .containers()
            .start(
                shell("busybox sleep 60")
                    .restart(RestartPolicy.always())
                    .timeout(Duration.ofMillis(200)));
    ExitStatus exit = container.await(Duration.ofSeconds(20));
    assertThat(exit.timedOut()).isTrue();
    assertThat(exit.restarts()).isZero();
  }

  @Test
  void cpuTime_isOfTheLastRun() {
    String burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
    ExitStatus burnt = engine.containers().run(shell(burn)).status();
    Container container =
        engine
            .containers()
            .start(
                shell("[ -e /n ] && exit 0; : > /n; " + burn + "; exit 1")
                    .restart(RestartPolicy.onFailure()));
    ExitStatus exit = container.await(Duration.ofSeconds(30));
    assertThat(exit.restarts()).isEqualTo(1);
    assertThat(exit.usage().cpu()).isLessThan(burnt.usage().cpu().dividedBy(2));
  }
}

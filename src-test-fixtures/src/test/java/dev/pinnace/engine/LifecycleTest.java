package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A container's life: create, start, stop, kill, restart, pause, remove. */
class LifecycleTest extends EngineFixture {
  @Test
  void create_recordsWithoutRunning() {
    Container container = engine.containers().create(shell("exit 3").name("made"));
    ContainerState state = container.inspect();
    assertThat(state.status()).isEqualTo(ContainerStatus.CREATED);
    assertThat(state.name()).isEqualTo("made");
    assertThat(state.pid()).isEmpty();
    assertThat(state.exit()).isEmpty();
    assertThat(state.created()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThatThrownBy(container::await).isInstanceOf(ConflictException.class);
    container.start();
    assertThat(container.await().code()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 125, 255})
  void await_givesTheExitCode(int code) {
    Container container = engine.containers().start(shell("exit " + code));
    ExitStatus exit = container.await(Duration.ofSeconds(20));
    assertThat(exit.code()).isEqualTo(code);
    assertThat(exit.signal()).isEmpty();
    assertThat(exit.isKnown()).isTrue();
    assertThat(exit.started()).isPresent();
    assertThat(exit.finished().orElseThrow()).isAfterOrEqualTo(exit.started().orElseThrow());
    assertThat(container.inspect().exit().orElseThrow()).isEqualTo(exit);
    assertThat(container.await()).as("once more, when it is over").isEqualTo(exit);
  }

  @Test
  void await_stillRunning_timesOut() {
    Container container = engine.containers().start(waiting());
    assertThatThrownBy(() -> container.await(Duration.ofMillis(50)))
        .isInstanceOf(TimedOutException.class);
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void durations_asLongAsTheyCanBe_andNegativeOnes() {
    Duration forever = ChronoUnit.FOREVER.getDuration();
    Container container =
        ready(engine.containers().start(waiting().stopTimeout(forever).timeout(forever)));
    assertThatThrownBy(() -> container.stop(Duration.ofMillis(-5)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> container.await(forever.negated()))
        .isInstanceOf(TimedOutException.class);
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.stop(forever);
    assertThat(container.await(forever).code()).isZero();
    Container other = ready(engine.containers().start(waiting().stopTimeout(forever)));
    other.stop();
    assertThat(other.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }

  @Test
  void kill_exitCodeIsTheSignalPlus128() {
    Container container = ready(engine.containers().start(waiting()));
    container.kill(Signal.KILL);
    ExitStatus exit = container.await(Duration.ofSeconds(20));
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.signal()).contains(Signal.KILL);
    assertThat(exit.stopped()).isFalse();
    assertThatThrownBy(() -> container.kill(Signal.KILL)).isInstanceOf(ConflictException.class);
  }

  @Test
  void kill_anySignal_reachesTheFirstProcess() {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell("trap 'exit 7' USR1; echo ready; while :; do busybox sleep 0.05; done")));
    container.kill(Signal.USR1);
    assertThat(container.await(Duration.ofSeconds(20)).code()).isEqualTo(7);
  }

  @Test
  void start_programMissing_is127AndNothingIsLeft() {
    assertThatThrownBy(() -> engine.containers().start(image(IMAGE).command("no-such-program")))
        .isInstanceOfSatisfying(
            StartFailedException.class,
            e -> {
              assertThat(e.exitCode()).isEqualTo(127);
              assertThat(e)
                  .hasMessageContaining("execute no-such-program")
                  .hasMessageContaining("ENOENT");
            });
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void start_programNotExecutable_is126() {
    assertThatThrownBy(() -> engine.containers().start(image(IMAGE).command("/etc/hosts")))
        .isInstanceOfSatisfying(
            StartFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(126));
  }

  @Test
  void start_createdWithMissingProgram_canBeTriedAgainAndRemoved() {
    Container container = engine.containers().create(image(IMAGE).command("no-such-program"));
    for (int attempt = 0; attempt < 3; attempt++) {
      assertThatThrownBy(container::start)
          .isInstanceOfSatisfying(
              StartFailedException.class, e -> assertThat(e.exitCode()).isEqualTo(127));
    }
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(127);
    container.remove(false);
  }

  @Test
  void list_withoutAFilter_hasAll() {
    Container created = engine.containers().create(waiting());
    Container running = engine.containers().start(waiting());
    assertThat(engine.containers().list())
        .extracting(ContainerState::id)
        .containsExactlyInAnyOrder(created.id(), running.id());
  }

  @Test
  void runAndScoped_withARestartPolicy_areRefusedWithTheReason() {
    ContainerSpecBuilder restarted = waiting().restart(RestartPolicy.onFailure(2));
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> engine.containers().run(restarted),
            () -> engine.containers().scoped(restarted))) {
      assertThatThrownBy(call)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContainingAll("run or scoped is removed at its end", "on-failure:2", "leave");
    }
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void pause_twice_andUnpauseOfARunningOne_changeNothing() {
    Container container = engine.containers().start(waiting());
    container.unpause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.pause();
    container.pause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
    container.unpause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void images_inUse_areNamedInQuotes() {
    engine.images().host("busybox", "true").named("it:1").build();
    engine.containers().create(image("it:1").name("one").command("busybox"));
    assertThatThrownBy(() -> engine.images().remove("it:1", false))
        .isInstanceOf(ConflictException.class)
        .hasMessageStartingWith("the image \"it:1\" is used by \"one\": remove it first");
    engine.images().remove("it:1", true);
  }

  @Test
  void start_running_isRefused() {
    Container container = engine.containers().start(waiting());
    assertThatThrownBy(container::start)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("container \"" + container.name() + "\" runs already");
  }

  @Test
  void start_again_keepsTheFilesAndTheLog() {
    Container container =
        engine.containers().start(shell("echo x >> /count; busybox wc -l < /count"));
    container.await();
    container.start();
    container.await();
    assertThat(container.logs().text()).isEqualTo("1\n2\n");
  }

  @Test
  void stop_sendsTheStopSignal() {
    Container container = ready(engine.containers().start(waiting()));
    container.stop();
    ExitStatus exit = container.inspect().exit().orElseThrow();
    assertThat(exit.code()).isZero();
    assertThat(exit.stopped()).isTrue();
    container.stop();
  }

  @Test
  void stop_ownStopSignal() {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell("trap 'exit 9' INT; echo ready; while :; do busybox sleep 0.05; done")
                        .stopSignal(Signal.INT)));
    container.stop();
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(9);
  }

  @Test
  void stopAndRestart_byAnotherSignal() {
    Container container =
        ready(
            engine
                .containers()
                .start(
                    shell(
                            "trap 'exit 8' INT; trap '' TERM; echo ready; while :; do busybox sleep"
                                + " 0.05; done")
                        .restart(RestartPolicy.always())));
    container.restart(Signal.INT, Duration.ofSeconds(20));
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(container.inspect().exit()).isEmpty();
    container.stop(Signal.KILL, ChronoUnit.FOREVER.getDuration());
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(137);
    assertThatThrownBy(() -> container.stop(Signal.INT, Duration.ofSeconds(-1)))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void stop_deafProgram_isKilledAfterTheGrace() {
    Container container =
        ready(
            engine
                .containers()
                .start(shell("trap '' TERM; echo ready; while :; do busybox sleep 0.05; done")));
    long begin = System.nanoTime();
    container.stop(Duration.ofMillis(300));
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(290), Duration.ofSeconds(5));
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(137);
  }

  @Test
  void stop_paused_thawsAndEnds() {
    Container container = ready(engine.containers().start(waiting()));
    container.pause();
    container.stop(Duration.ofSeconds(5));
    assertThat(container.inspect().exit().orElseThrow().code()).isZero();
  }

  @Test
  void restart_startsAnew() {
    Container container = ready(engine.containers().start(waiting()));
    int before = container.inspect().pid().orElseThrow();
    container.restart();
    ContainerState state = container.inspect();
    assertThat(state.status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(state.pid().orElseThrow()).isNotEqualTo(before);
    container.kill(Signal.KILL);
    container.await();
    container.restart();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void pause_freezesEveryProcess() throws Exception {
    Container container =
        ready(
            engine
                .containers()
                .start(shell("echo ready; i=0; while :; do i=$((i+1)); echo $i > /count; done")));
    Path count = Path.of("/proc/" + container.inspect().pid().orElseThrow() + "/root/count");
    container.pause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
    String seen = Files.readString(count);
    Thread.sleep(50);
    assertThat(Files.readString(count)).isEqualTo(seen);
    container.pause();
    container.unpause();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    eventually(
        () -> {
          try {
            return !Files.readString(count).equals(seen);
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    container.unpause();
  }

  @Test
  void pause_stopped_isRefused() {
    Container container = engine.containers().create(waiting());
    assertThatThrownBy(container::pause).isInstanceOf(ConflictException.class);
    assertThatThrownBy(container::unpause).isInstanceOf(ConflictException.class);
  }

  @Test
  void remove_running_isRefusedUnlessForced() {
    Container container = engine.containers().start(waiting());
    assertThatThrownBy(() -> container.remove(false))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("stop it first");
    container.remove(true);
    assertThatThrownBy(container::inspect).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> container.remove(true)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(container::start).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(container::stop).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(container.logs()::text).isInstanceOf(NotFoundException.class);
  }

  @Test
  void remove_paused_forced() {
    Container container = ready(engine.containers().start(waiting()));
    container.pause();
    container.remove(true);
    assertThatThrownBy(container::inspect).isInstanceOf(NotFoundException.class);
  }

  @Test
  void autoRemove_goesAtItsEnd() {
    Container container = engine.containers().start(waiting().name("fleeting").autoRemove());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    assertThat(root().resolve("containers").resolve(container.id().hex()).resolve("container.json"))
        .as("nothing durable is written about it")
        .doesNotExist();
    container.stop();
    eventually(() -> engine.containers().find("fleeting").isEmpty());
  }

  @Test
  void restart_ofOneWithAutoRemove_keepsItUntilItsEnd() {
    Container container = ready(engine.containers().start(waiting().autoRemove()));
    for (int i = 0; i < 5; i++) {
      container.restart();
      assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    }
    container.restart(Duration.ZERO);
    container.kill(Signal.KILL);
    eventually(() -> engine.containers().find(container.name()).isEmpty());
  }

  @Test
  void autoRemove_withRestart_isRefused() {
    assertThatThrownBy(() -> waiting().autoRemove().restart(RestartPolicy.always()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("autoRemove");
    assertThatThrownBy(() -> engine.containers().run(waiting().restart(RestartPolicy.always())))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void scoped_closeKillsAndRemoves() {
    ScopedContainer container = engine.containers().scoped(waiting().name("scoped").detached());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.close();
    assertThat(engine.containers().find("scoped")).isEmpty();
    container.close();
  }

  @Test
  void handle_equalsByRootAndId() {
    Container container = engine.containers().create(waiting().name("same"));
    try (Pinnace second = engine()) {
      assertThat(second.containers().get("same"))
          .isEqualTo(container)
          .hasSameHashCodeAs(container)
          .isNotEqualTo(engine.containers().create(waiting()));
    }
  }

  @Test
  void start_thatFailsBeforeThereIsASupervisor_keepsTheLastExitStatus() throws Exception {
    Container container = engine.containers().create(shell("exit 3"));
    container.start();
    assertThat(container.await(Duration.ofSeconds(30)).code()).isEqualTo(3);
    Path logs = root().resolve("containers").resolve(container.id().hex()).resolve("logs");
    Path away = Files.move(logs, logs.resolveSibling("logs-away"));
    assertThatThrownBy(container::start).isInstanceOf(RuntimeException.class);
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(3);
    assertThat(container.inspect().exit().orElseThrow().isKnown()).isTrue();
    Files.move(away, logs);
    container.start();
    assertThat(container.await(Duration.ofSeconds(30)).code()).isEqualTo(3);
  }

  @Test
  void firstStart_thatFailsBeforeThereIsASupervisor_hasNotHappened() throws Exception {
    Container container = engine.containers().create(shell("exit 3"));
    Path logs = root().resolve("containers").resolve(container.id().hex()).resolve("logs");
    Path away = Files.move(logs, logs.resolveSibling("logs-away"));
    assertThatThrownBy(container::start).isInstanceOf(RuntimeException.class);
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.CREATED);
    assertThat(container.inspect().exit()).isEmpty();
    Files.move(away, logs);
    container.start();
    assertThat(container.await(Duration.ofSeconds(30)).code()).isEqualTo(3);
  }

  @Test
  void start_thatFailed_isExplainedLater() {
    Container container = engine.containers().create(image(IMAGE).command("/no/such"));
    assertThatThrownBy(container::start).isInstanceOf(StartFailedException.class);
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(127);
    assertThat(container.inspect().exit().orElseThrow().remark())
        .isEqualTo("it could not be started: ENOENT (no such file or directory)");
  }
}

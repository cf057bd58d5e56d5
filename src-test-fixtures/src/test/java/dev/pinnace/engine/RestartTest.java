package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RestartPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Restarts by the supervisor. */
class RestartTest extends EngineFixture {
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
    eventually(Duration.ofSeconds(30), () -> container.inspect().restarts() >= 2);
    assertThat(container.inspect().status())
        .isIn(ContainerStatus.RESTARTING, ContainerStatus.RUNNING, ContainerStatus.CREATED);
    container.stop();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
    assertThat(container.inspect().exit().orElseThrow().stopped()).isTrue();
    int restarts = container.inspect().restarts();
    assertThat(container.inspect().restarts()).isEqualTo(restarts);
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
}

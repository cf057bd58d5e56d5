package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningContainer.Phase;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class EndingsTest {
  private static final ContainerPlace PLACE =
      new ContainerPlace("1".repeat(64), Path.of("/c"), Path.of("/r"));

  private int refused;

  @Test
  void awaitRelease_interrupted_isCancelledAndTheFlagIsKept() {
    IsolationBackend alive =
        (IsolationBackend)
            Proxy.newProxyInstance(
                EndingsTest.class.getClassLoader(),
                new Class<?>[] {IsolationBackend.class},
                (proxy, method, arguments) -> true);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Endings.awaitRelease(alive, PLACE))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  /** It does not run when it is sent a signal, as often as it has a phase to be in after that. */
  private RunningContainer refusing(Phase... afterwards) {
    Queue<Phase> phases = new ArrayDeque<>(List.of(afterwards));
    return (RunningContainer)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {RunningContainer.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "signal" -> {
                    if (phases.isEmpty()) {
                      yield null;
                    }
                    refused++;
                    throw new ConflictException("it does not run");
                  }
                  case "status" ->
                      new RunningContainer.Status(
                          phases.remove(),
                          OptionalInt.empty(),
                          0,
                          Optional.empty(),
                          Optional.empty());
                  case "place" -> PLACE;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Test
  void signal_betweenTwoRuns_isSentAgain() {
    Endings.signal(refusing(Phase.RUNNING), Signal.HUP);
    Endings.signal(refusing(Phase.PAUSED), Signal.HUP);
    Endings.signal(refusing(Phase.STARTING, Phase.STARTING, Phase.RUNNING), Signal.HUP);
    assertThat(refused).isEqualTo(5);
  }

  @Test
  void signal_toWhatDoesNotRun_isAConflict() {
    for (Phase phase : List.of(Phase.RESTARTING, Phase.ENDING, Phase.EXITED)) {
      assertThatThrownBy(() -> Endings.signal(refusing(phase), Signal.HUP))
          .isInstanceOf(ConflictException.class);
    }
    assertThatThrownBy(() -> Endings.signal(refusing(Phase.RUNNING, Phase.RUNNING), Signal.HUP))
        .isInstanceOf(ConflictException.class);
    assertThat(refused).isEqualTo(5);
  }
}

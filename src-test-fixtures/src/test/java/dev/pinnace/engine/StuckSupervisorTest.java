package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Supervisors that answer nothing, for they are stopped. */
@Needs("root")
class StuckSupervisorTest extends EngineFixture {
  /** Less than it takes to give up a single answer that one waits for. */
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private List<Integer> stuck = List.of();

  @AfterEach
  void goOn() throws IOException {
    for (int supervisor : stuck) {
      Processes.signal("CONT", supervisor);
    }
  }

  @Test
  void list_ofTwoAmongOthers_waitsForBothAtOnceAndHidesNobody() throws Exception {
    Container one = ready(engine.containers().start(waiting().name("one")));
    Container two = ready(engine.containers().start(waiting().name("two")));
    stuck = Processes.supervisors(root());
    assertThat(stuck).hasSize(2);
    ready(engine.containers().start(waiting().name("well")));
    engine.containers().create(waiting().name("new"));
    for (int supervisor : stuck) {
      Processes.signal("STOP", supervisor);
    }
    assertListed(engine);
    try (Pinnace other = engine()) {
      assertListed(other);
    }
    goOn();
    assertThat(one.inspect().pid()).isPresent();
    assertThat(two.inspect().pid()).isPresent();
  }

  private static void assertListed(Pinnace engine) {
    long begin = System.nanoTime();
    List<ContainerState> states = engine.containers().list(ContainerFilter.all());
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMIT);
    assertThat(states)
        .extracting(ContainerState::name, ContainerState::status, state -> state.pid().isPresent())
        .containsExactly(
            tuple("new", ContainerStatus.CREATED, false),
            tuple("well", ContainerStatus.RUNNING, true),
            tuple("two", ContainerStatus.RUNNING, false),
            tuple("one", ContainerStatus.RUNNING, false));
  }

  @Test
  void remove_byForce_byAnotherEngine_killsIt() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    List<Integer> supervisors = Processes.supervisors(root());
    List<Integer> processes = Processes.of(root());
    assertThat(processes).isNotEmpty();
    Processes.signal("STOP", supervisors.get(0));
    long begin = System.nanoTime();
    try (Pinnace other = engine()) {
      other.containers().get(container.id().hex()).remove(true);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    assertThat(engine.containers().find(container.id().hex())).isEmpty();
    assertThat(Processes.alive(supervisors)).isEmpty();
    assertThat(Processes.alive(processes)).isEmpty();
  }

  @Test
  void remove_byForce_byItsOwnEngine_killsIt() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    List<Integer> supervisors = Processes.supervisors(root());
    List<Integer> processes = Processes.of(root());
    Processes.signal("STOP", supervisors.get(0));
    long begin = System.nanoTime();
    container.remove(true);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    assertThat(engine.containers().find(container.id().hex())).isEmpty();
    assertThat(Processes.alive(supervisors)).isEmpty();
    assertThat(Processes.alive(processes)).isEmpty();
  }

  /** The supervisor need not be asked for them: in 45 s it would fail. */
  @Test
  void stats_areThoseOfTheCgroup() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    stuck = Processes.supervisors(root());
    for (int supervisor : stuck) {
      Processes.signal("STOP", supervisor);
    }
    assertThat(container.stats().cpuTime()).isPositive();
    assertThat(container.stats().bytesReceived()).contains(Bytes.ZERO);
  }

  @Test
  void signal_saysThatItIsStopped_andWhichProcessThatIs() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    int supervisor = Processes.supervisors(root()).get(0);
    Processes.signal("STOP", supervisor);
    try {
      assertThatThrownBy(() -> container.kill(Signal.KILL))
          .isInstanceOf(TimedOutException.class)
          .hasMessageContaining("(process " + supervisor + ") has not answered within 45 s")
          .hasMessageContaining("SIGCONT lets a stopped one go on");
    } finally {
      Processes.signal("CONT", supervisor);
    }
  }
}

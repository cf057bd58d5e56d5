package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A supervisor that is stopped answers nobody; each test waits once as long as for an answer. */
@Needs("root")
class StuckSupervisorTest extends EngineFixture {
  @Test
  void remove_byForce_byAnotherEngine_killsIt() throws IOException {
    Container container = ready(engine.containers().start(waiting()));
    List<Integer> supervisors = Processes.supervisors(root());
    List<Integer> processes = Processes.of(root());
    assertThat(processes).isNotEmpty();
    Processes.signal("STOP", supervisors.get(0));
    try (Pinnace other = engine()) {
      other.containers().get(container.id().hex()).remove(true);
    }
    assertThat(engine.containers().find(container.id().hex())).isEmpty();
    assertThat(Processes.alive(supervisors)).isEmpty();
    assertThat(Processes.alive(processes)).isEmpty();
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

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.HostFeature;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Limits;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Other limits, where the host can enforce them and where it cannot. */
class UpdateTest extends EngineFixture {
  private static final Map<String, Limits> BY_CONTROLLER =
      Map.of(
          "memory", Limits.builder().memory(Bytes.mebi(64)).build(),
          "cpu", Limits.builder().cpus(0.5).build(),
          "cpuset", Limits.builder().cpusetCpus("0").build(),
          "pids", Limits.builder().pids(50).build());

  private static void update(Container container) {
    BY_CONTROLLER.forEach(
        (controller, limits) -> {
          if (HostFeature.isMet("cgroup-v2-" + controller)) {
            container.update(limits);
            assertThat(container.inspect().spec().limits()).isEqualTo(limits);
          } else {
            Limits before = container.inspect().spec().limits();
            assertThatThrownBy(() -> container.update(limits))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining(controller)
                .hasMessageContaining("leave the limit out");
            assertThat(container.inspect().spec().limits()).isEqualTo(before);
          }
        });
  }

  @Test
  void update_whatTheHostCannotEnforce_isRefused_runningOrNot() {
    Container container = engine.containers().create(waiting());
    update(container);
    container.start();
    update(ready(container));
    container.stop(Duration.ZERO);
    update(container);
  }

  @Test
  void update_toNoLimits_changesNothingElse() {
    Container container = ready(engine.containers().start(waiting().label("a", "b")));
    var before = container.inspect();
    container.update(Limits.NONE);
    assertThat(container.inspect()).isEqualTo(before);
    container.stop(Duration.ZERO);
    container.update(Limits.NONE);
    container.start();
    assertThat(container.inspect().spec()).isEqualTo(before.spec());
  }

  @Test
  void update_ofWhatIsNotThere_isRefused() {
    Container container = engine.containers().create(waiting());
    container.remove(false);
    assertThatThrownBy(() -> container.update(Limits.NONE)).isInstanceOf(NotFoundException.class);
  }
}

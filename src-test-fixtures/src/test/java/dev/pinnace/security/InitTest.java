package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Signal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The init process that a container can ask for. */
@Needs({"root", "gcc"})
class InitTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @Test
  void init_reapsOrphans() {
    var spec = Tools.container(PLACE.pinnace(), Tools.probe(), "orphan");
    assertThat(Tools.output(PLACE.pinnace(), spec)).isEqualTo("zombie\n");
    assertThat(Tools.output(PLACE.pinnace(), spec.init())).isEqualTo("reaped\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "USR1", "QUIT"})
  void init_passesSignalsOn(String name) throws InterruptedException {
    Signal signal = Signal.parse(name);
    Container container =
        PLACE
            .pinnace()
            .containers()
            .start(Tools.container(PLACE.pinnace(), Tools.probe(), "signal").init());
    while (container.logs().read().isEmpty()) {
      Thread.sleep(5);
    }
    container.kill(signal);
    assertThat(container.await(Duration.ofSeconds(10)).code()).isEqualTo(40 + signal.number());
    container.remove(false);
  }

  /** It would wait for ever for signals that it cannot take. */
  @ParameterizedTest
  @ValueSource(strings = {"rt_sigtimedwait", "wait4", "kill"})
  void init_underAProfileThatForbidsWhatItNeeds_isRefused(String call) {
    String profile =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\""
            + call
            + "\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";
    var spec = Tools.container(PLACE.pinnace(), "true").seccomp(profile).init();
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("split off process 1: EPERM")
        .hasMessageContaining(call);
  }

  /** Where no pid namespace ends with it, each process must end with its parent. */
  @Test
  void init_withTheHostsPids_endsTheProgramWithTheSupervisor() throws InterruptedException {
    Container container =
        PLACE
            .pinnace()
            .containers()
            .start(Tools.container(PLACE.pinnace(), "sleep", "600").init().hostPid());
    try {
      ProcessHandle init = ProcessHandle.of(container.inspect().pid().orElseThrow()).orElseThrow();
      while (init.children().findAny().isEmpty()) {
        Thread.sleep(5);
      }
      ProcessHandle program = init.children().findAny().orElseThrow();
      init.parent().orElseThrow().destroyForcibly();
      assertThat(program.onExit()).succeedsWithin(Duration.ofSeconds(10));
    } finally {
      container.remove(true);
    }
  }

  @Test
  void init_withTheHostsPids_underAProfileThatForbidsWhatItNeeds_isRefused() {
    String profile =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"prctl\"],"
            + " \"action\": \"SCMP_ACT_ERRNO\"}]}";
    var spec = Tools.container(PLACE.pinnace(), "true").seccomp(profile).init();
    assertThat(Tools.output(PLACE.pinnace(), spec)).isEmpty();
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec.hostPid()))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("end with the init process: EPERM")
        .hasMessageContaining("must permit prctl");
  }

  @Test
  void seccompFlags_arePassedOn() {
    String profile =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]}";
    var spec = Tools.container(PLACE.pinnace(), "true").seccomp(profile);
    assertThat(PLACE.pinnace().containers().explain(spec)).contains("instructions, 2)");
    assertThat(Tools.output(PLACE.pinnace(), spec)).isEmpty();
  }

  @Test
  void init_keepsTheProfileAndHoldsNoDescriptor() {
    assertThat(
            Tools.output(
                PLACE.pinnace(),
                Tools.container(PLACE.pinnace(), "cat", "/proc/1/status", "/proc/self/status")
                    .init()))
        .containsPattern("CapEff:\t00000000a80425fb\n(?s:.*)CapEff:\t00000000a80425fb\n")
        .containsPattern("Seccomp:\t2\n(?s:.*)Seccomp:\t2\n");
    assertThat(
            Tools.output(
                PLACE.pinnace(),
                Tools.container(PLACE.pinnace(), "sh", "-c", "ls /proc/1/fd 2>/dev/null; true")
                    .init()))
        .isEmpty();
  }
}

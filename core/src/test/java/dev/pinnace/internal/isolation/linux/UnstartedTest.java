package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Section;
import org.junit.jupiter.api.Test;

class UnstartedTest {
  private static final int NONE = -1;

  private static StartFailedException exec(int section, int step, int errno) {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    plan.in(Section.STAGE).to("fold the universe").call("setsid");
    return Unstarted.exec("web", plan.build(), section, step, errno);
  }

  @Test
  void exec_ofAPlanThatAnOlderSupervisorDoesNotTake_namesCauseAndFix() {
    assertThat(exec(NONE, NONE, Errno.EPROTONOSUPPORT))
        .hasMessageContaining("cannot exec in \"web\"")
        .hasMessageContaining("of the Pinnace that started it")
        .hasMessageContaining("\"read the launch plan\": EPROTONOSUPPORT")
        .hasMessageEndingWith(
            "restart the container, or use the version of Pinnace that started it");
    assertThat(exec(NONE, 0, Errno.EINVAL))
        .hasMessageContaining("does not know how to \"fold the universe\": EINVAL");
  }

  @Test
  void exec_ofAStepThatFailed_isThatStep() {
    assertThat(exec(3, 0, Errno.EINVAL).getMessage())
        .isEqualTo("cannot exec in \"web\": fold the universe: EINVAL (invalid argument)");
    assertThat(exec(NONE, NONE, Errno.ESRCH)).hasMessageNotContaining("version");
  }

  private static StartFailedException container(int errno) {
    return Unstarted.container("c", LaunchPlan.builder().build(), NONE, errno);
  }

  @Test
  void container_ofNoStep_isSaidInWords() {
    assertThat(container(Errno.ECANCELED))
        .hasMessageStartingWith("cannot start \"c\": it was stopped or removed")
        .hasMessageNotContaining("ECANCELED")
        .extracting(StartFailedException::step, StartFailedException::errno)
        .containsExactly("start the supervisor", Errno.ECANCELED);
    assertThat(container(Errno.ECHILD)).hasMessageContaining("killed before its program began");
    assertThat(container(Errno.EIO)).hasMessageContaining("start the supervisor: EIO");
    assertThat(container(Errno.EPIPE)).hasMessageContainingAll("closed", "start it detached");
    assertThat(container(Errno.ETIMEDOUT)).hasMessageContainingAll("30 s", "look at its mounts");
  }

  @Test
  void exec_ofNoStep_isSaidInWords() {
    assertThat(exec(NONE, NONE, Errno.ECHILD))
        .hasMessageContaining("killed before its program began");
    assertThat(exec(NONE, NONE, Errno.EIO)).hasMessageContaining("start the exec: EIO");
    assertThat(exec(NONE, NONE, Errno.ETIMEDOUT))
        .hasMessageContainingAll("30 s", "look at its mounts");
  }
}

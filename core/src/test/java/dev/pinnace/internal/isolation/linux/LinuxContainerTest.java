package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Section;
import org.junit.jupiter.api.Test;

class LinuxContainerTest {
  private static final int NONE = -1;

  private static StartFailedException explain(int section, int step, int errno) {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    plan.in(Section.STAGE).to("fold the universe").call("setsid");
    return LinuxContainer.explain("web", plan.build(), section, step, errno);
  }

  @Test
  void explain_ofAPlanThatAnOlderSupervisorDoesNotTake_namesCauseAndFix() {
    assertThat(explain(NONE, NONE, Errno.EPROTONOSUPPORT))
        .hasMessageContaining("cannot exec in \"web\"")
        .hasMessageContaining("of the Pinnace that started it")
        .hasMessageContaining("\"read the launch plan\": EPROTONOSUPPORT")
        .hasMessageEndingWith(
            "restart the container, or use the version of Pinnace that started it");
    assertThat(explain(NONE, 0, Errno.EINVAL))
        .hasMessageContaining("does not know how to \"fold the universe\": EINVAL");
  }

  @Test
  void explain_ofAStepThatFailed_isThatStep() {
    assertThat(explain(3, 0, Errno.EINVAL).getMessage())
        .isEqualTo("cannot exec in \"web\": fold the universe: EINVAL (invalid argument)");
    assertThat(explain(NONE, NONE, Errno.ESRCH)).hasMessageNotContaining("version");
  }
}

package dev.pinnace.linux.plan;

import java.time.Duration;
import java.util.List;

/**
 * Small plans: no namespaces, so that any user can run them, except where {@link #ownPids} asks for
 * one.
 */
final class TestPlans {
  static final Operand HERE = Operand.flags(Constants.AT_FDCWD);

  private TestPlans() {}

  /** A policy with a log. */
  static SupervisorPolicy.Builder policy() {
    return SupervisorPolicy.builder().log(1 << 20, 3).stop(15, Duration.ofSeconds(2));
  }

  /** A plan that runs a shell script. */
  static LaunchPlan script(SupervisorPolicy.Builder policy, String script) {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(policy.build());
    clone(plan);
    streams(plan);
    shell(plan, script);
    return plan.build();
  }

  /**
   * A plan that runs a shell script as process 1 of its own pid namespace, under a supervisor that
   * is one too.
   */
  static LaunchPlan ownPids(SupervisorPolicy.Builder policy, String script) {
    LaunchPlan.Builder plan =
        LaunchPlan.builder().policy(policy.set(SupervisorPolicy.Flag.OUTER_PID, true).build());
    plan.in(Section.STAGE)
        .to("clone")
        .cloneChild(Operand.flags(Constants.CLONE_NEWPID), plan.register("none"));
    streams(plan);
    shell(plan, script);
    return plan.build();
  }

  static void clone(LaunchPlan.Builder plan) {
    plan.in(Section.STAGE).to("clone").cloneChild(Operand.of(0), plan.register("none"));
  }

  static void streams(LaunchPlan.Builder plan) {
    List<Register> streams = List.of(Register.STDIN, Register.STDOUT, Register.STDERR);
    for (int i = 0; i < 3; i++) {
      child(plan, "connect " + i).call("dup3", streams.get(i), Operand.of(i), Operand.of(0));
    }
  }

  static void shell(LaunchPlan.Builder plan, String script) {
    child(plan, "execute sh")
        .exec(
            List.of("/bin/sh"), List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin", "A=b"));
  }

  static StepBuilder child(LaunchPlan.Builder plan, String sentence) {
    return plan.in(Section.CHILD).to(sentence);
  }
}

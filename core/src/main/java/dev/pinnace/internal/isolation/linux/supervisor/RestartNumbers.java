package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.plan.SupervisorPolicy;
import dev.pinnace.spec.RestartPolicy;

/** Restart policies as the supervisor numbers them. */
public final class RestartNumbers {
  private RestartNumbers() {}

  static int of(RestartPolicy.Kind kind) {
    return switch (kind) {
      case NO -> 0;
      case ON_FAILURE -> 1;
      case ALWAYS -> 2;
      case UNLESS_STOPPED -> 3;
    };
  }

  /** The same as a plan has it. */
  public static SupervisorPolicy.Restart inPlan(RestartPolicy.Kind kind) {
    return switch (kind) {
      case NO -> SupervisorPolicy.Restart.NO;
      case ON_FAILURE -> SupervisorPolicy.Restart.ON_FAILURE;
      case ALWAYS -> SupervisorPolicy.Restart.ALWAYS;
      case UNLESS_STOPPED -> SupervisorPolicy.Restart.UNLESS_STOPPED;
    };
  }
}

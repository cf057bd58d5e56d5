package dev.pinnace.linux.plan;

import dev.pinnace.linux.internal.jna.Sys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of a plan.
 *
 * @param operation what it does
 * @param call the system call, with {@link Operation#CALL}
 * @param operands its arguments, at most six
 * @param to the register that takes its result
 * @param guard the register that decides whether it runs
 * @param whenVoid whether it runs when the guard is void, rather than when it holds a value
 * @param tolerated errors after which the plan goes on, with the result void
 * @param sentence what it is for, as an error message says it
 */
record Step(
    Operation operation,
    @Nullable Sys call,
    List<Operand> operands,
    @Nullable Register to,
    @Nullable Register guard,
    boolean whenVoid,
    List<Integer> tolerated,
    String sentence) {
  static final int SIZE = 72;
  static final int MAX_OPERANDS = 6;
  static final int MAX_TOLERATED = 4;

  Step {
    operands = List.copyOf(operands);
    tolerated = List.copyOf(tolerated);
    if (operands.size() > MAX_OPERANDS || tolerated.size() > MAX_TOLERATED) {
      throw new IllegalArgumentException(
          "a step has at most six operands and four tolerated errors: " + sentence);
    }
  }
}

package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.plan.LaunchPlan;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets crash tests halt a container between two steps of its launch plan, where they end the JVM,
 * the supervisor or both. Plans are left as they are otherwise. Thread-safe.
 */
public final class CrashPoints {
  private static volatile @Nullable Halt halt;

  private CrashPoints() {}

  private record Halt(
      int position, int millis, Path pipes, IntConsumer reached, IntConsumer counted) {}

  /**
   * Halts every container that is started from now on.
   *
   * @param position see {@link LaunchPlan#haltingBefore}; a plan that has not so many is not halted
   * @param millis how long it halts in STAGE or CHILD before the start fails
   * @param pipes by which it halts in the supervisor: a directory with the fifos {@code reached}
   *     and {@code go}
   * @param reached hears of each halt in STAGE or CHILD
   * @param counted hears how many positions each plan has
   */
  public static void haltBefore(
      int position, int millis, Path pipes, IntConsumer reached, IntConsumer counted) {
    halt = new Halt(position, millis, pipes, reached, counted);
  }

  /** The plan that is to be launched. */
  public static LaunchPlan in(LaunchPlan plan) {
    Halt wanted = halt;
    if (wanted == null) {
      return plan;
    }
    wanted.counted().accept(plan.positions());
    return wanted.position() < plan.positions()
        ? plan.haltingBefore(wanted.position(), wanted.millis(), wanted.pipes())
        : plan;
  }

  static void reached(int position) {
    Halt wanted = halt;
    if (wanted != null) {
      wanted.reached().accept(position);
    }
  }
}

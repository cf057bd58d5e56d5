package dev.pinnace.internal.isolation.linux.plan;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Collectors;

/** struct open_how of openat2(2): flags, mode, resolve. */
final class OpenHow {
  static final int SIZE = 24;

  private OpenHow() {}

  /** To open what is there; nothing is made. */
  static Operand of(LaunchPlan.Builder plan, List<Named> flags, List<Named> resolve) {
    byte[] how =
        ByteBuffer.allocate(SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(bits(flags))
            .putLong(0)
            .putLong(bits(resolve))
            .array();
    return plan.bytes(how, "{" + names(flags) + ", 0, " + names(resolve) + "}");
  }

  private static long bits(List<Named> constants) {
    return constants.stream().mapToLong(Named::value).reduce(0, (a, b) -> a | b);
  }

  private static String names(List<Named> constants) {
    return constants.stream().map(Named::name).collect(Collectors.joining("|"));
  }
}

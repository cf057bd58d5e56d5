package dev.pinnace.internal.isolation.linux.plan;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;

/** struct mount_attr of mount_setattr(2). */
final class MountAttributes {
  static final int SIZE = 32;

  private MountAttributes() {}

  /** Attributes to set; nothing is cleared. */
  static Operand setting(LaunchPlan.Builder plan, Named... attributes) {
    long set = Arrays.stream(attributes).mapToLong(Named::value).reduce(0, (a, b) -> a | b);
    byte[] bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(set).array();
    String names = Arrays.stream(attributes).map(Named::name).collect(Collectors.joining("|"));
    return plan.bytes(bytes, "{set " + names + "}");
  }

  /** Propagation to set, one of MS_PRIVATE, MS_SLAVE, MS_SHARED. */
  static Operand propagation(LaunchPlan.Builder plan, Named type) {
    byte[] bytes =
        ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(16, type.value()).array();
    return plan.bytes(bytes, "{propagation " + type.name() + "}");
  }
}

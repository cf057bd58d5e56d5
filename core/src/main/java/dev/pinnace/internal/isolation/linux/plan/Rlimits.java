package dev.pinnace.internal.isolation.linux.plan;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Limits of setrlimit(2); numbers of their names, asm-generic/resource.h: the name's place in this
 * list.
 */
final class Rlimits {
  private static final List<String> NAMES =
      List.of(
          "CPU",
          "FSIZE",
          "DATA",
          "STACK",
          "CORE",
          "RSS",
          "NPROC",
          "NOFILE",
          "MEMLOCK",
          "AS",
          "LOCKS",
          "SIGPENDING",
          "MSGQUEUE",
          "NICE",
          "RTPRIO",
          "RTTIME");

  private Rlimits() {}

  static int number(String type) {
    int number = type.startsWith("RLIMIT_") ? NAMES.indexOf(type.substring(7)) : -1;
    if (number < 0) {
      throw new InvalidSpecException("there is no limit " + type);
    }
    return number;
  }

  /** struct rlimit64 of prlimit(2). */
  static Operand pair(LaunchPlan.Builder plan, long soft, long hard) {
    byte[] bytes =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(soft).putLong(hard).array();
    return plan.bytes(bytes, "{" + soft + ", " + hard + "}");
  }
}

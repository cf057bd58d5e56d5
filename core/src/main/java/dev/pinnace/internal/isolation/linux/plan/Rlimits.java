package dev.pinnace.internal.isolation.linux.plan;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;

/** Numbers of RLIMIT_ names, asm-generic/resource.h: the name's place in this list. */
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
}

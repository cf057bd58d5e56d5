package dev.pinnace.linux.seccomp;

import java.util.List;

/**
 * What happens to a call whose arguments meet every condition. No condition: to every such call.
 *
 * @param conditions all must hold
 * @param action what happens then
 */
public record SyscallRule(List<ArgumentCondition> conditions, SeccompAction action) {
  public SyscallRule {
    conditions = List.copyOf(conditions);
  }

  /** A rule without conditions. */
  public static SyscallRule always(SeccompAction action) {
    return new SyscallRule(List.of(), action);
  }

  /** Whether arguments, cut to the width of their ABI, meet every condition. */
  public boolean matches(long... arguments) {
    return conditions.stream()
        .allMatch(condition -> condition.matches(arguments[condition.index()]));
  }
}

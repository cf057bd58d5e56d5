package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile.Rule;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Kernel.Architecture;
import dev.pinnace.linux.seccomp.Abi;
import dev.pinnace.linux.seccomp.AbiFilter;
import dev.pinnace.linux.seccomp.ArgumentCondition;
import dev.pinnace.linux.seccomp.FilterCompiler;
import dev.pinnace.linux.seccomp.SeccompAction;
import dev.pinnace.linux.seccomp.SyscallRule;
import dev.pinnace.linux.seccomp.SyscallTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compiles profiles with the meaning they have under Docker and runc:
 *
 * <ul>
 *   <li>a rule whose action is the default one has no effect;
 *   <li>of several rules without conditions the first counts, conditional ones in their order;
 *   <li>calls newer than every call that the profile names fail with ENOSYS rather than with the
 *       default error, so that programs fall back to older calls;
 *   <li>ABIs that the profile does not list are killed.
 * </ul>
 */
public final class SeccompCompiler {
  /** What the launcher calls between the loading of the filter and the program's first call. */
  private static final List<String> NEEDED = List.of("execve", "capset", "write", "exit_group");

  /** Where ARM's private calls begin, {@code __ARM_NR_BASE}. */
  private static final int PRIVATE_CALLS = 0x0f0000;

  private SeccompCompiler() {}

  /**
   * The filter of a profile for one container.
   *
   * @param capabilities names of the bounding set, with or without {@code CAP_}
   * @throws InvalidSpecException when rules contradict each other, forbid what Pinnace itself must
   *     call after the filter is loaded (execve, capset, write, exit_group), or are too many
   */
  public static SeccompFilter compile(
      SeccompProfile profile,
      Set<String> capabilities,
      Architecture architecture,
      KernelVersion kernel) {
    Set<String> held =
        capabilities.stream().map(SeccompCompiler::prefixed).collect(Collectors.toSet());
    SortedMap<String, List<SyscallRule>> rules = new TreeMap<>();
    for (Rule rule : profile.rules()) {
      if (rule.applies(held, architecture, kernel)
          && !rule.action().equals(profile.defaultAction())) {
        for (String name : rule.names()) {
          rules.computeIfAbsent(name, unseen -> new ArrayList<>()).addAll(alternatives(rule));
        }
      }
    }
    rules.replaceAll(SeccompCompiler::settled);
    for (String call : NEEDED) {
      requirePermitted(call, rules.getOrDefault(call, List.of()), profile.defaultAction());
    }
    Abi nativeAbi = Abi.nativeOf(architecture);
    List<AbiFilter> filters = new ArrayList<>();
    for (Abi abi : Abi.servedBy(architecture)) {
      if (abi == nativeAbi || profile.lists(abi, nativeAbi)) {
        filters.add(filter(abi, profile, rules));
      }
    }
    try {
      return new SeccompFilter(
          FilterCompiler.compile(filters, SeccompAction.KILL_PROCESS), profile.flags());
    } catch (IllegalArgumentException tooLong) {
      throw new InvalidSpecException(
          "cannot compile the seccomp profile: " + tooLong.getMessage(), tooLong);
    }
  }

  private static String prefixed(String capability) {
    String name = capability.toUpperCase(Locale.ROOT);
    return name.startsWith("CAP_") ? name : "CAP_" + name;
  }

  /** A rule as rules whose conditions must all hold. */
  private static List<SyscallRule> alternatives(Rule rule) {
    Set<Integer> arguments = new HashSet<>();
    boolean repeated = false;
    for (ArgumentCondition condition : rule.conditions()) {
      repeated |= !arguments.add(condition.index());
    }
    return repeated
        ? rule.conditions().stream()
            .map(condition -> new SyscallRule(List.of(condition), rule.action()))
            .toList()
        : List.of(new SyscallRule(rule.conditions(), rule.action()));
  }

  /** The first unconditional rule decides; a condition that it makes void is a mistake. */
  private static List<SyscallRule> settled(String name, List<SyscallRule> rules) {
    Optional<SyscallRule> always =
        rules.stream().filter(rule -> rule.conditions().isEmpty()).findFirst();
    if (always.isEmpty()) {
      return rules;
    }
    SeccompAction decided = always.get().action();
    for (SyscallRule other : rules) {
      if (!other.conditions().isEmpty() && !other.action().equals(decided)) {
        throw new InvalidSpecException(
            String.format(
                "seccomp profile: %s has the action \"%s\" whatever its arguments, so the rule"
                    + " \"%s\" where %s would be void; remove one of the two",
                name, decided, other.action(), other.conditions()));
      }
    }
    return List.of(always.get());
  }

  private static void requirePermitted(
      String call, List<SyscallRule> rules, SeccompAction defaultAction) {
    List<SeccompAction> outcomes =
        new ArrayList<>(rules.stream().map(SyscallRule::action).toList());
    if (rules.stream().noneMatch(rule -> rule.conditions().isEmpty())) {
      outcomes.add(defaultAction);
    }
    for (SeccompAction outcome : outcomes) {
      if (!outcome.permits()) {
        throw new InvalidSpecException(
            String.format(
                "seccomp profile forbids %s (%s), which Pinnace itself calls after the filter is"
                    + " loaded; allow %s",
                call, outcome, String.join(", ", NEEDED)));
      }
    }
  }

  private static AbiFilter filter(
      Abi abi, SeccompProfile profile, Map<String, List<SyscallRule>> rules) {
    SyscallTable table = SyscallTable.of(abi);
    SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
    rules.forEach(
        (name, own) ->
            table
                .number(name)
                .ifPresent(
                    number ->
                        calls.merge(
                            number,
                            own,
                            (first, second) ->
                                settled(
                                    name,
                                    Stream.concat(first.stream(), second.stream()).toList()))));
    int last = 0;
    for (Rule rule : profile.rules()) {
      for (String name : rule.names()) {
        OptionalInt number = table.number(name);
        if (number.isPresent() && number.getAsInt() < PRIVATE_CALLS) {
          last = Math.max(last, number.getAsInt());
        }
      }
    }
    SeccompAction otherwise = profile.defaultAction();
    return new AbiFilter(abi, calls, otherwise, last, beyond(otherwise));
  }

  private static SeccompAction beyond(SeccompAction otherwise) {
    boolean traced = (otherwise.value() & 0xFFFF0000) == SeccompAction.trace(0).value();
    return otherwise.permits() || traced ? otherwise : SeccompAction.errno(Errno.ENOSYS);
  }
}

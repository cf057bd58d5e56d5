package dev.pinnace.linux.seccomp;

import dev.pinnace.linux.seccomp.ArgumentCondition.Operator;
import dev.pinnace.linux.seccomp.RangeSearch.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongFunction;

/**
 * Writes the rules of one call. A 64-bit argument is two words of {@code struct seccomp_data}, the
 * upper one compared first. Neighbouring rules with one comparison each of the same argument become
 * one search over its values.
 */
final class ArgumentTests {
  private static final int ARGUMENTS = 16;
  private static final long LOW = 0xFFFFFFFFL;

  private final BpfAssembler assembler;
  private final boolean wide;

  /** Where a value leads: a return, a label, or a search over the lower word. */
  private record Target(int returned, int label, List<Range<Target>> lower) {
    static Target returning(SeccompAction action) {
      return new Target(action.value(), -1, List.of());
    }

    static Target below(List<Range<Target>> lower) {
      return new Target(0, -1, lower);
    }

    static Target at(int label) {
      return new Target(0, label, List.of());
    }
  }

  ArgumentTests(BpfAssembler assembler, boolean wide) {
    this.assembler = assembler;
    this.wide = wide;
  }

  /** Writes the rules in their order; what matches none is otherwise. */
  int write(List<SyscallRule> rules, SeccompAction otherwise) {
    int next = assembler.ret(otherwise.value());
    for (int end = rules.size(); end > 0; ) {
      SyscallRule rule = rules.get(end - 1);
      if (rule.conditions().isEmpty()) {
        next = assembler.ret(rule.action().value());
        end--;
      } else if (isComparison(rule)) {
        int start = end - 1;
        int index = rule.conditions().get(0).index();
        while (start > 0
            && isComparison(rules.get(start - 1))
            && rules.get(start - 1).conditions().get(0).index() == index) {
          start--;
        }
        next = search(rules.subList(start, end), next);
        end = start;
      } else {
        next = conjunction(rule, next);
        end--;
      }
    }
    return next;
  }

  private static boolean isComparison(SyscallRule rule) {
    return rule.conditions().size() == 1
        && rule.conditions().get(0).operator() != Operator.MASKED_EQ;
  }

  private int conjunction(SyscallRule rule, int fail) {
    int next = assembler.ret(rule.action().value());
    for (int i = rule.conditions().size() - 1; i >= 0; i--) {
      ArgumentCondition condition = rule.conditions().get(i);
      next =
          condition.operator() == Operator.MASKED_EQ
              ? masked(condition, next, fail)
              : comparison(condition, next, fail);
    }
    return next;
  }

  private int comparison(ArgumentCondition condition, int match, int fail) {
    return search(
        List.of(condition), value -> condition.matches(value) ? Target.at(match) : Target.at(fail));
  }

  private int masked(ArgumentCondition condition, int match, int fail) {
    long mask = condition.value();
    long wanted = condition.valueTwo() & mask;
    if (!wide && (wanted >>> 32) != 0) {
      return fail;
    }
    int next = match;
    if ((int) mask != 0) {
      next = maskedWord(condition, 0, (int) mask, (int) wanted, next, fail);
    }
    if (wide && (int) (mask >>> 32) != 0) {
      next = maskedWord(condition, 4, (int) (mask >>> 32), (int) (wanted >>> 32), next, fail);
    }
    return next;
  }

  private int maskedWord(
      ArgumentCondition condition, int word, int mask, int wanted, int match, int fail) {
    int offset = ARGUMENTS + 8 * condition.index() + word;
    String note = condition.toString();
    if (wanted == 0) {
      int test = assembler.jump(BpfProgram.JUMP_SET, mask, fail, match, note);
      return assembler.load(offset, test, "");
    }
    int test = assembler.jump(BpfProgram.JUMP_EQ, wanted, match, fail, note);
    return assembler.load(offset, assembler.and(mask, test, ""), "");
  }

  private int search(List<SyscallRule> rules, int next) {
    List<ArgumentCondition> conditions = new ArrayList<>();
    for (SyscallRule rule : rules) {
      conditions.add(rule.conditions().get(0));
    }
    return search(
        conditions,
        value -> {
          for (SyscallRule rule : rules) {
            if (rule.conditions().get(0).matches(value)) {
              return Target.returning(rule.action());
            }
          }
          return Target.at(next);
        });
  }

  /** Conditions are comparisons of one argument, between whose bounds the target is constant. */
  private int search(List<ArgumentCondition> conditions, LongFunction<Target> targets) {
    int offset = ARGUMENTS + 8 * conditions.get(0).index();
    NavigableSet<Long> bounds = bounds(conditions);
    if (!wide) {
      return word(offset, lower(0, bounds, targets));
    }
    List<Range<Target>> upper = new ArrayList<>();
    for (long bound = 0; ; ) {
      int high = (int) (bound >>> 32);
      List<Range<Target>> lower = lower(high, bounds, targets);
      upper.add(new Range<>(high, lower.size() == 1 ? lower.get(0).target() : Target.below(lower)));
      Long following = bounds.higher(bound | LOW);
      if (high != -1 && (following == null || (int) (following >>> 32) != high + 1)) {
        upper.add(new Range<>(high + 1, targets.apply((high + 1L) << 32)));
      }
      if (following == null) {
        break;
      }
      bound = following;
    }
    return word(offset + 4, upper);
  }

  private static NavigableSet<Long> bounds(List<ArgumentCondition> conditions) {
    NavigableSet<Long> bounds = new TreeSet<>(Long::compareUnsigned);
    bounds.add(0L);
    for (ArgumentCondition condition : conditions) {
      bounds.add(condition.value());
      bounds.add(condition.value() + 1);
    }
    return bounds;
  }

  /** Ranges of the lower word, below an upper word, with neighbours of one target as one range. */
  private static List<Range<Target>> lower(
      int high, NavigableSet<Long> bounds, LongFunction<Target> targets) {
    long base = (high & LOW) << 32;
    List<Range<Target>> ranges = new ArrayList<>();
    ranges.add(new Range<>(0, targets.apply(base)));
    for (long bound : bounds.subSet(base, false, base | LOW, true)) {
      Target target = targets.apply(bound);
      if (!target.equals(ranges.get(ranges.size() - 1).target())) {
        ranges.add(new Range<>((int) bound, target));
      }
    }
    return ranges;
  }

  private int word(int offset, List<Range<Target>> ranges) {
    RangeSearch<Target> search =
        new RangeSearch<>(
            assembler,
            target -> {
              if (!target.lower().isEmpty()) {
                return word(offset - 4, target.lower());
              }
              return target.label() >= 0 ? target.label() : assembler.ret(target.returned());
            },
            value -> "");
    Target first = ranges.get(0).target();
    int start = search.write(ranges);
    boolean constant =
        first.lower().isEmpty() && ranges.stream().allMatch(range -> range.target().equals(first));
    return constant ? start : assembler.load(offset, start, "");
  }
}

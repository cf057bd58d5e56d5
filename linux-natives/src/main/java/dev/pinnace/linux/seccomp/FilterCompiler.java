package dev.pinnace.linux.seccomp;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.seccomp.RangeSearch.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Compiles rules to a filter: the architecture first, then a binary search over the number, then
 * the arguments.
 *
 * <p>x32 shares the search of x86_64 for numbers below 512, which mean the same call in both; where
 * x32 has no such call, the kernel answers ENOSYS whatever the filter says. When x32 has no rules,
 * its calls fail with ENOSYS, as on a kernel that is built without it.
 */
public final class FilterCompiler {
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int X32_FIRST = 512;
  private static final SeccompAction NO_SUCH_CALL = SeccompAction.errno(Errno.ENOSYS);

  private final BpfAssembler assembler = new BpfAssembler();

  private FilterCompiler() {}

  /**
   * A filter of the rules.
   *
   * @param filters one per ABI, the native one first; x32 only together with x86_64
   * @param foreign what happens to calls of an ABI that is not among them
   * @throws IllegalArgumentException for an ABI given twice, x32 alone, or more instructions than
   *     the kernel takes
   */
  public static BpfProgram compile(List<AbiFilter> filters, SeccompAction foreign) {
    Map<Abi, AbiFilter> byAbi = new HashMap<>();
    for (AbiFilter filter : filters) {
      if (byAbi.put(filter.abi(), filter) != null) {
        throw new IllegalArgumentException("two filters for " + filter.abi().label());
      }
    }
    AbiFilter x32 = byAbi.get(Abi.X32);
    if (x32 != null && !byAbi.containsKey(Abi.X86_64)) {
      throw new IllegalArgumentException("a filter for x32 needs one for x86_64");
    }
    return new FilterCompiler().program(filters, Optional.ofNullable(x32), foreign);
  }

  private BpfProgram program(
      List<AbiFilter> filters, Optional<AbiFilter> x32, SeccompAction foreign) {
    int next = assembler.ret(foreign.value());
    for (int i = filters.size() - 1; i >= 0; i--) {
      AbiFilter filter = filters.get(i);
      Abi abi = filter.abi();
      if (abi == Abi.X32) {
        continue;
      }
      int numbers = numbers(filter, 0);
      if (abi == Abi.X86_64) {
        numbers = x32(filter, x32, numbers);
      }
      int start = assembler.load(NUMBER, numbers, "number, " + abi.label());
      next = assembler.jump(BpfProgram.JUMP_EQ, abi.auditArch(), start, next, abi.label());
    }
    return assembler.program(assembler.load(ARCHITECTURE, next, "architecture"));
  }

  private int x32(AbiFilter sibling, Optional<AbiFilter> x32, int numbers) {
    int entry;
    if (x32.isPresent()) {
      int own = numbers(x32.get(), X32_FIRST);
      int split = assembler.jump(BpfProgram.JUMP_GE, X32_FIRST, own, numbers, "");
      entry = assembler.and(~Abi.X32_BIT, split, "");
    } else if (sibling.beyond().equals(NO_SUCH_CALL)) {
      return numbers;
    } else {
      entry = assembler.ret(NO_SUCH_CALL.value());
    }
    return assembler.jump(BpfProgram.JUMP_SET, Abi.X32_BIT, entry, numbers, "x32");
  }

  private record Decision(List<SyscallRule> rules, SeccompAction otherwise) {}

  /** The search over the numbers from first on. */
  private int numbers(AbiFilter filter, int first) {
    SyscallTable table = SyscallTable.of(filter.abi());
    ArgumentTests arguments = new ArgumentTests(assembler, filter.abi().wide());
    Map<Decision, Integer> written = new HashMap<>();
    RangeSearch<Decision> search =
        new RangeSearch<>(
            assembler,
            decision ->
                decision.rules().isEmpty()
                    ? assembler.ret(decision.otherwise().value())
                    : written.computeIfAbsent(
                        decision, of -> arguments.write(of.rules(), of.otherwise())),
            number -> table.name(number).orElse(""));
    return search.write(ranges(filter, first));
  }

  private static List<Range<Decision>> ranges(AbiFilter filter, int first) {
    List<Range<Decision>> ranges = new ArrayList<>();
    SortedMap<Integer, List<SyscallRule>> calls = filter.calls().tailMap(first);
    int at = first;
    for (Map.Entry<Integer, List<SyscallRule>> call : calls.entrySet()) {
      int number = call.getKey();
      gap(filter, at, number, ranges);
      ranges.add(new Range<>(number, decision(call.getValue(), filter.otherwise())));
      at = number + 1;
    }
    gap(filter, at, -1, ranges);
    return ranges;
  }

  /** Numbers without rules, from one to before another (-1: to the end). */
  private static void gap(AbiFilter filter, int from, int to, List<Range<Decision>> ranges) {
    if (from == to) {
      return;
    }
    ranges.add(new Range<>(from, decision(List.of(), filter.unruled(from))));
    int beyond = filter.last() + 1;
    if (from < beyond && (to < 0 || beyond < to)) {
      ranges.add(new Range<>(beyond, decision(List.of(), filter.beyond())));
    }
  }

  /** Rules after the first unconditional one never count; it stands for the default. */
  private static Decision decision(List<SyscallRule> rules, SeccompAction otherwise) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).conditions().isEmpty()) {
        return new Decision(rules.subList(0, i), rules.get(i).action());
      }
    }
    return new Decision(rules, otherwise);
  }
}

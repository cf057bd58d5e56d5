package dev.pinnace.linux.seccomp;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The rules for the calls of one ABI.
 *
 * @param abi whose numbers these are
 * @param calls rules by number (of x32 without {@link Abi#X32_BIT}); the first that matches counts
 * @param otherwise what happens where no rule matches
 * @param last the highest number that the author of the rules can have known
 * @param beyond what happens to calls with a higher number
 */
public record AbiFilter(
    Abi abi,
    SortedMap<Integer, List<SyscallRule>> calls,
    SeccompAction otherwise,
    int last,
    SeccompAction beyond) {
  /**
   * @throws IllegalArgumentException for a negative number
   */
  public AbiFilter {
    SortedMap<Integer, List<SyscallRule>> copy = new TreeMap<>();
    calls.forEach((number, rules) -> copy.put(number, List.copyOf(rules)));
    if (last < 0 || (!copy.isEmpty() && copy.firstKey() < 0)) {
      throw new IllegalArgumentException("a system call number is negative");
    }
    calls = Collections.unmodifiableSortedMap(copy);
  }

  /** What happens to a number that has no rule of its own. */
  SeccompAction unruled(int number) {
    return Integer.compareUnsigned(number, last) > 0 ? beyond : otherwise;
  }
}

package dev.pinnace.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.seccomp.ArgumentCondition.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterCompilerTest {
  private static final SeccompAction EPERM = SeccompAction.errno(1);
  private static final SeccompAction ENOSYS = SeccompAction.errno(38);
  private static final List<SeccompAction> ACTIONS =
      List.of(
          SeccompAction.ALLOW, EPERM, ENOSYS, SeccompAction.KILL_PROCESS, SeccompAction.trace(7));
  private static final List<Operator> OPERATORS = List.of(Operator.values());
  private static final long[] EDGES = {
    0,
    1,
    2,
    40,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x100000000L,
    0x100000028L,
    -1L,
    -2L,
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    0xffffffff00000000L
  };

  /** What the rules say, read without any search. */
  private static SeccompAction expected(
      List<AbiFilter> filters, SeccompAction foreign, int number, int architecture, long[] args) {
    AbiFilter chosen = null;
    int plain = number;
    boolean x32 = false;
    for (AbiFilter filter : filters) {
      if (filter.abi() != Abi.X32 && filter.abi().auditArch() == architecture) {
        chosen = filter;
      }
    }
    if (chosen == null) {
      return foreign;
    }
    if (chosen.abi() == Abi.X86_64 && (number & Abi.X32_BIT) != 0) {
      plain = number & ~Abi.X32_BIT;
      for (AbiFilter filter : filters) {
        if (filter.abi() == Abi.X32) {
          x32 = true;
          chosen = Integer.compareUnsigned(plain, 512) >= 0 ? filter : chosen;
        }
      }
      if (!x32) {
        return ENOSYS;
      }
    }
    List<SyscallRule> rules = chosen.calls().get(plain);
    if (rules == null) {
      return Integer.compareUnsigned(plain, chosen.last()) > 0
          ? chosen.beyond()
          : chosen.otherwise();
    }
    long[] cut = args.clone();
    for (int i = 0; i < cut.length; i++) {
      cut[i] = chosen.abi().wide() ? cut[i] : cut[i] & 0xFFFFFFFFL;
    }
    for (SyscallRule rule : rules) {
      if (rule.matches(cut)) {
        return rule.action();
      }
    }
    return chosen.otherwise();
  }

  private static long edge(Random random) {
    return random.nextInt(4) == 0 ? random.nextLong() : EDGES[random.nextInt(EDGES.length)];
  }

  private static SyscallRule rule(Random random) {
    List<ArgumentCondition> conditions = new ArrayList<>();
    int count = random.nextInt(5) == 0 ? 2 + random.nextInt(2) : random.nextInt(2);
    for (int i = 0; i < count; i++) {
      Operator operator = OPERATORS.get(random.nextInt(OPERATORS.size()));
      conditions.add(
          new ArgumentCondition(random.nextInt(3), operator, edge(random), edge(random)));
    }
    return new SyscallRule(conditions, ACTIONS.get(random.nextInt(ACTIONS.size())));
  }

  private static AbiFilter filter(Abi abi, Random random, int density) {
    SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
    int top = abi == Abi.X32 ? 548 : 470;
    SeccompAction run = ACTIONS.get(random.nextInt(ACTIONS.size()));
    for (int number = 0; number < top; number++) {
      if (random.nextInt(10) < density) {
        continue;
      }
      if (random.nextInt(6) == 0) {
        run = ACTIONS.get(random.nextInt(ACTIONS.size()));
      }
      List<SyscallRule> rules = new ArrayList<>();
      if (random.nextInt(15) == 0) {
        for (int i = random.nextInt(5); i >= 0; i--) {
          rules.add(rule(random));
        }
      } else {
        rules.add(SyscallRule.always(run));
      }
      calls.put(number, rules);
    }
    if (abi == Abi.ARM) {
      calls.put(983042, List.of(SyscallRule.always(SeccompAction.ALLOW)));
    }
    return new AbiFilter(
        abi,
        calls,
        ACTIONS.get(random.nextInt(ACTIONS.size())),
        random.nextInt(600),
        ACTIONS.get(random.nextInt(ACTIONS.size())));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void compile_everyNumberGetsWhatItsRulesSay(int seed) {
    Random random = new Random(seed);
    List<AbiFilter> filters = new ArrayList<>();
    for (Abi abi :
        seed % 4 == 0
            ? List.of(Abi.AARCH64, Abi.ARM)
            : seed % 4 == 1
                ? List.of(Abi.X86_64)
                : seed % 4 == 2
                    ? List.of(Abi.X86_64, Abi.I386)
                    : List.of(Abi.X86_64, Abi.I386, Abi.X32)) {
      filters.add(filter(abi, random, seed % 9));
    }
    SeccompAction foreign = SeccompAction.KILL_PROCESS;
    BpfInterpreter kernel = new BpfInterpreter(FilterCompiler.compile(filters, foreign).encode());
    List<Integer> numbers = new ArrayList<>(List.of(-1, -2, 983041, 983042, Integer.MIN_VALUE));
    for (int number = 0; number < 620; number++) {
      numbers.add(number);
      numbers.add(number | Abi.X32_BIT);
    }
    for (int architecture : new int[] {0xC000003E, 0x40000003, 0xC00000B7, 0x40000028, 0}) {
      for (int number : numbers) {
        for (int i = 0; i < 10; i++) {
          long[] args = random.longs(6).toArray();
          args[0] = edge(random);
          args[1] = edge(random);
          args[2] = edge(random);
          assertThat(new SeccompAction(kernel.run(number, architecture, args)))
              .as("number %d of 0x%x with %s", number, architecture, List.of(args[0], args[1]))
              .isEqualTo(expected(filters, foreign, number, architecture, args));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"})
  void compile_everyOperatorAtItsBounds(String name) {
    for (Abi abi : List.of(Abi.X86_64, Abi.I386)) {
      for (long value : EDGES) {
        for (long two : EDGES) {
          ArgumentCondition condition =
              new ArgumentCondition(5, Operator.valueOf(name), value, two);
          SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
          calls.put(3, List.of(new SyscallRule(List.of(condition), SeccompAction.ALLOW)));
          BpfProgram program =
              FilterCompiler.compile(List.of(new AbiFilter(abi, calls, EPERM, 9, ENOSYS)), EPERM);
          BpfInterpreter kernel = new BpfInterpreter(program.encode());
          for (long edge : EDGES) {
            for (long near : new long[] {edge - 1, edge, edge + 1}) {
              long cut = abi.wide() ? near : near & 0xFFFFFFFFL;
              assertThat(kernel.run(3, abi.auditArch(), 0, 0, 0, 0, 0, near))
                  .as("%s of 0x%x on %s", condition, near, abi)
                  .isEqualTo(condition.matches(cut) ? 0x7FFF0000 : 0x00050001);
            }
          }
        }
      }
    }
  }

  @Test
  void compile_comparesInLogarithmicTime() {
    SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
    for (int number = 0; number < 512; number += 2) {
      calls.put(number, List.of(SyscallRule.always(SeccompAction.errno(1 + number % 100))));
    }
    BpfProgram program =
        FilterCompiler.compile(
            List.of(new AbiFilter(Abi.X86_64, calls, SeccompAction.ALLOW, 512, ENOSYS)), EPERM);
    assertThat(program.instructions()).hasSizeGreaterThan(255);
    BpfInterpreter kernel = new BpfInterpreter(program.encode());
    for (int number = 0; number < 512; number++) {
      kernel.run(number, Abi.X86_64.auditArch(), 0, 0, 0, 0, 0, 0);
      assertThat(kernel.steps()).isLessThan(24);
    }
  }

  @Test
  void compile_oneAddressFamilyListIsOneSearch() {
    List<SyscallRule> rules = new ArrayList<>();
    for (long family : new long[] {1, 2, 3, 4, 5, 10, 16, 17, 18, 19, 20}) {
      rules.add(
          new SyscallRule(
              List.of(new ArgumentCondition(0, Operator.EQ, family, 0)), SeccompAction.ALLOW));
    }
    SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
    calls.put(41, rules);
    BpfProgram program =
        FilterCompiler.compile(
            List.of(new AbiFilter(Abi.X86_64, calls, EPERM, 400, ENOSYS)),
            SeccompAction.KILL_PROCESS);
    assertThat(program.listing())
        .isEqualTo(
            """
               0  ld   [4]                               ; architecture
               1  jeq  0xc000003e ? 2 : 16               ; x86_64
               2  ld   [0]                               ; number, x86_64
               3  jge  401 ? 15 : 4
               4  jeq  41 ? 5 : 14                       ; socket
               5  ld   [20]
               6  jge  1 ? 14 : 7
               7  ld   [16]
               8  jge  6 ? 10 : 9
               9  jge  1 ? 13 : 14
              10  jge  16 ? 12 : 11
              11  jeq  10 ? 13 : 14
              12  jge  21 ? 14 : 13
              13  ret  allow
              14  ret  errno EPERM
              15  ret  errno ENOSYS
              16  ret  kill process
            """);
  }

  @Test
  void compile_moreThanTheKernelTakesIsRefused() {
    SortedMap<Integer, List<SyscallRule>> calls = new TreeMap<>();
    for (int number = 0; number < 450; number++) {
      List<SyscallRule> rules = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        rules.add(
            new SyscallRule(
                List.of(new ArgumentCondition(i, Operator.MASKED_EQ, -1L - number, i)),
                SeccompAction.ALLOW));
      }
      calls.put(number, rules);
    }
    AbiFilter filter = new AbiFilter(Abi.X86_64, calls, EPERM, 450, ENOSYS);
    assertThatThrownBy(() -> FilterCompiler.compile(List.of(filter), EPERM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the kernel takes 1 to 4096");
  }

  @Test
  void compile_x32AloneAndTwiceTheSameAreRefused() {
    AbiFilter x32 = new AbiFilter(Abi.X32, new TreeMap<>(), EPERM, 1, ENOSYS);
    AbiFilter native64 = new AbiFilter(Abi.X86_64, new TreeMap<>(), EPERM, 1, ENOSYS);
    assertThatThrownBy(() -> FilterCompiler.compile(List.of(x32), EPERM))
        .hasMessage("a filter for x32 needs one for x86_64");
    assertThatThrownBy(() -> FilterCompiler.compile(List.of(native64, native64), EPERM))
        .hasMessage("two filters for x86_64");
  }
}

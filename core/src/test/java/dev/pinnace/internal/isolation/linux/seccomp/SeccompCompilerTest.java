package dev.pinnace.internal.isolation.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.Kernel.Architecture;
import dev.pinnace.linux.seccomp.Abi;
import dev.pinnace.linux.seccomp.BpfProgram.Instruction;
import dev.pinnace.linux.seccomp.SeccompAction;
import dev.pinnace.linux.seccomp.SyscallTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompCompilerTest {
  private static final Set<String> CAPABILITIES =
      Set.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");
  private static final KernelVersion KERNEL = new KernelVersion(6, 18);
  private static final String NEEDED =
      "{\"names\": [\"execve\", \"capset\", \"write\", \"exit_group\"],"
          + " \"action\": \"SCMP_ACT_ALLOW\"}";

  private static SeccompFilter compile(String profile, String... capabilities) {
    return SeccompCompiler.compile(
        SeccompProfile.parse(profile), Set.of(capabilities), Architecture.X86_64, KERNEL);
  }

  private static SeccompFilter denying(String rules, String... capabilities) {
    return compile(
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" + NEEDED + "," + rules + "]}",
        capabilities);
  }

  /** What a filter answers: its instructions followed one by one. */
  private static String answer(SeccompFilter filter, Abi abi, String call, long... arguments) {
    int number = SyscallTable.of(abi).number(call).orElseThrow();
    return answer(filter, abi, abi == Abi.X32 ? number | Abi.X32_BIT : number, arguments);
  }

  private static String answer(SeccompFilter filter, Abi abi, int number, long... arguments) {
    List<Instruction> program = filter.program().instructions();
    int accumulator = 0;
    for (int at = 0; ; at++) {
      Instruction step = program.get(at);
      switch (step.code()) {
        case 0x20 -> {
          int word = step.k() - 16;
          accumulator =
              step.k() == 0
                  ? number
                  : step.k() == 4
                      ? abi.auditArch()
                      : word / 8 < arguments.length
                          ? (int) (arguments[word / 8] >>> (word % 8 == 4 ? 32 : 0))
                          : 0;
        }
        case 0x54 -> accumulator &= step.k();
        case 0x05 -> at += step.k();
        case 0x15 -> at += accumulator == step.k() ? step.jt() : step.jf();
        case 0x35 ->
            at += Integer.compareUnsigned(accumulator, step.k()) >= 0 ? step.jt() : step.jf();
        case 0x45 -> at += (accumulator & step.k()) != 0 ? step.jt() : step.jf();
        case 0x06 -> {
          return new SeccompAction(step.k()).toString();
        }
        default -> throw new IllegalStateException("operation " + step.code());
      }
    }
  }

  @Test
  void compile_defaultProfileOnX86_64() throws IOException {
    SeccompFilter filter = DefaultSeccompProfile.filter(CAPABILITIES, Architecture.X86_64, KERNEL);
    try (InputStream golden =
        Objects.requireNonNull(getClass().getResourceAsStream("default-x86_64.listing"))) {
      assertThat(filter.listing())
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertThat(filter.length()).isEqualTo(195);
    assertThat(filter.bytes()).hasSize(195 * 8).startsWith(0x20, 0, 0, 0, 4, 0, 0, 0);
    assertThat(filter.flags()).isZero();
  }

  @Test
  void compile_defaultProfileOfOneAbiIsShort() {
    String oneAbi = DefaultSeccompProfile.json().replaceAll("\"SCMP_ARCH_(X86|X32|ARM)\",? ?", "");
    SeccompProfile profile = SeccompProfile.parse(oneAbi);
    assertThat(SeccompCompiler.compile(profile, CAPABILITIES, Architecture.X86_64, KERNEL).length())
        .isEqualTo(78);
    assertThat(
            SeccompCompiler.compile(profile, CAPABILITIES, Architecture.AARCH64, KERNEL).length())
        .isEqualTo(81);
  }

  @Test
  void compile_defaultProfileWithoutCapabilities() {
    SeccompFilter filter = DefaultSeccompProfile.filter(Set.of(), Architecture.X86_64, KERNEL);
    for (Abi abi : List.of(Abi.X86_64, Abi.I386, Abi.X32)) {
      for (String denied :
          List.of(
              "mount",
              "umount2",
              "unshare",
              "setns",
              "pivot_root",
              "chroot",
              "keyctl",
              "add_key",
              "request_key",
              "bpf",
              "perf_event_open",
              "init_module",
              "finit_module",
              "reboot",
              "kexec_load",
              "open_by_handle_at",
              "userfaultfd",
              "io_uring_setup",
              "swapon",
              "acct",
              "ioperm",
              "iopl",
              "settimeofday",
              "quotactl",
              "kcmp",
              "pidfd_getfd",
              "move_pages",
              "fsopen",
              "open_tree",
              "move_mount",
              "fanotify_init",
              "syslog",
              "mbind",
              "vhangup")) {
        assertThat(answer(filter, abi, denied))
            .as("%s on %s", denied, abi)
            .isEqualTo("errno EPERM");
      }
      for (String allowed :
          List.of(
              "read",
              "write",
              "openat",
              "execve",
              "execveat",
              "mmap",
              "futex",
              "ptrace",
              "seccomp",
              "exit_group",
              "landlock_restrict_self",
              "io_submit",
              "modify_ldt",
              "arch_prctl")) {
        assertThat(answer(filter, abi, allowed)).as("%s on %s", allowed, abi).isEqualTo("allow");
      }
      assertThat(answer(filter, abi, "clone3")).isEqualTo("errno ENOSYS");
      assertThat(answer(filter, abi, "clone", 0x3d0f00)).isEqualTo("allow");
      for (int bit : new int[] {17, 25, 26, 27, 28, 29, 30}) {
        assertThat(answer(filter, abi, "clone", 17 | 1L << bit)).isEqualTo("errno EPERM");
      }
      for (long family = 0; family < 64; family++) {
        boolean open =
            family < 46 && !Set.of(12L, 19L, 20L, 23L, 25L, 34L, 37L, 38L, 40L).contains(family);
        assertThat(answer(filter, abi, "socket", family))
            .as("family %d on %s", family, abi)
            .isEqualTo(open ? "allow" : "errno EPERM");
      }
      for (long persona : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
        assertThat(answer(filter, abi, "personality", persona)).isEqualTo("allow");
      }
      assertThat(answer(filter, abi, "personality", 0x40000)).isEqualTo("errno EPERM");
      assertThat(answer(filter, abi, "open_tree_attr")).isEqualTo("errno ENOSYS");
      assertThat(answer(filter, abi, 700)).isEqualTo("errno ENOSYS");
      assertThat(answer(filter, abi, -1)).isEqualTo("errno ENOSYS");
    }
    assertThat(answer(filter, Abi.X86_64, "socket", 1L << 32 | 2)).isEqualTo("errno EPERM");
    assertThat(answer(filter, Abi.I386, "socketcall", 1)).isEqualTo("errno ENOSYS");
    assertThat(answer(filter, Abi.AARCH64, "read")).isEqualTo("kill process");
  }

  @Test
  void compile_defaultProfileOpensWhatCapabilitiesAllow() {
    record Case(String capability, List<String> calls) {}
    for (Case given :
        List.of(
            new Case("SYS_ADMIN", List.of("mount", "setns", "unshare", "clone3", "bpf", "syslog")),
            new Case("DAC_READ_SEARCH", List.of("open_by_handle_at")),
            new Case("SYS_BOOT", List.of("reboot")),
            new Case("SYS_CHROOT", List.of("chroot")),
            new Case("SYS_MODULE", List.of("init_module", "finit_module", "delete_module")),
            new Case("SYS_PACCT", List.of("acct")),
            new Case("SYS_PTRACE", List.of("kcmp", "pidfd_getfd", "process_madvise")),
            new Case("SYS_RAWIO", List.of("iopl", "ioperm")),
            new Case("SYS_TIME", List.of("settimeofday", "clock_settime")),
            new Case("SYS_TTY_CONFIG", List.of("vhangup")),
            new Case("SYS_NICE", List.of("mbind", "set_mempolicy_home_node")),
            new Case("SYSLOG", List.of("syslog")),
            new Case("BPF", List.of("bpf")),
            new Case("PERFMON", List.of("perf_event_open")))) {
      SeccompFilter with =
          DefaultSeccompProfile.filter(Set.of(given.capability()), Architecture.X86_64, KERNEL);
      for (String call : given.calls()) {
        assertThat(answer(with, Abi.X86_64, call)).as(call).isEqualTo("allow");
      }
      assertThat(answer(with, Abi.X86_64, "kexec_load")).isEqualTo("errno EPERM");
      assertThat(answer(with, Abi.X86_64, "socket", 40)).isEqualTo("errno EPERM");
    }
    SeccompFilter admin =
        DefaultSeccompProfile.filter(Set.of("CAP_SYS_ADMIN"), Architecture.X86_64, KERNEL);
    assertThat(answer(admin, Abi.X86_64, "clone", 0x10000000)).isEqualTo("allow");
  }

  @Test
  void compile_defaultProfileOnAarch64() {
    SeccompFilter filter = DefaultSeccompProfile.filter(CAPABILITIES, Architecture.AARCH64, KERNEL);
    assertThat(answer(filter, Abi.AARCH64, "openat")).isEqualTo("allow");
    assertThat(answer(filter, Abi.AARCH64, "mount")).isEqualTo("errno EPERM");
    assertThat(answer(filter, Abi.AARCH64, "clone3")).isEqualTo("errno ENOSYS");
    assertThat(answer(filter, Abi.AARCH64, "socket", 38)).isEqualTo("errno EPERM");
    assertThat(answer(filter, Abi.ARM, "cacheflush")).isEqualTo("allow");
    assertThat(answer(filter, Abi.ARM, "set_tls")).isEqualTo("allow");
    assertThat(answer(filter, Abi.ARM, "usr26")).isEqualTo("errno ENOSYS");
    assertThat(answer(filter, Abi.ARM, "mount")).isEqualTo("errno EPERM");
    assertThat(answer(filter, Abi.X86_64, "read")).isEqualTo("kill process");
  }

  @Test
  void compile_oldKernelsGetNoPtrace() {
    SeccompFilter old =
        SeccompCompiler.compile(
            DefaultSeccompProfile.get(), Set.of(), Architecture.X86_64, new KernelVersion(4, 7));
    assertThat(answer(old, Abi.X86_64, "ptrace")).isEqualTo("errno EPERM");
    SeccompFilter young =
        SeccompCompiler.compile(
            DefaultSeccompProfile.get(), Set.of(), Architecture.X86_64, new KernelVersion(4, 8));
    assertThat(answer(young, Abi.X86_64, "ptrace")).isEqualTo("allow");
  }

  @Test
  void compile_excludesAreAlternativesIncludesAreNot() {
    String rule =
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\","
            + " \"includes\": {\"caps\": [\"CAP_KILL\", \"CAP_CHOWN\"], \"arches\": [\"amd64\"]},"
            + " \"excludes\": {\"caps\": [\"CAP_MKNOD\", \"CAP_BPF\"], \"minKernel\": \"7.0\"}}";
    assertThat(answer(denying(rule, "KILL", "CHOWN"), Abi.X86_64, "mount")).isEqualTo("allow");
    assertThat(answer(denying(rule, "KILL"), Abi.X86_64, "mount")).isEqualTo("errno EPERM");
    assertThat(answer(denying(rule, "KILL", "CHOWN", "BPF"), Abi.X86_64, "mount"))
        .isEqualTo("errno EPERM");
    assertThat(answer(denying(rule.replace("7.0", "6.18"), "KILL", "CHOWN"), Abi.X86_64, "mount"))
        .isEqualTo("errno EPERM");
    assertThat(
            answer(denying(rule.replace("amd64", "arm64"), "KILL", "CHOWN"), Abi.X86_64, "mount"))
        .isEqualTo("errno EPERM");
  }

  @Test
  void compile_argumentsOfDifferentIndexMustAllHoldOfOneIndexAny() {
    String both =
        "{\"names\": [\"dup3\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
            + "{\"index\": 0, \"value\": 3, \"op\": \"SCMP_CMP_EQ\"},"
            + "{\"index\": 1, \"value\": 4, \"op\": \"SCMP_CMP_EQ\"}]}";
    SeccompFilter all = denying(both);
    assertThat(answer(all, Abi.X86_64, "dup3", 3, 4)).isEqualTo("allow");
    assertThat(answer(all, Abi.X86_64, "dup3", 3, 5)).isEqualTo("errno EPERM");
    SeccompFilter any = denying(both.replace("\"index\": 1", "\"index\": 0"));
    assertThat(answer(any, Abi.X86_64, "dup3", 4, 0)).isEqualTo("allow");
    assertThat(answer(any, Abi.X86_64, "dup3", 5, 4)).isEqualTo("errno EPERM");
  }

  @Test
  void compile_rulesOfTheDefaultActionHaveNoEffectAndTheFirstUnconditionalOneDecides() {
    SeccompFilter filter =
        denying(
            "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\"},"
                + "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_LOG\"},"
                + "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\"},"
                + "{\"names\": [\"no_such_call\"], \"action\": \"SCMP_ACT_ALLOW\"}");
    assertThat(answer(filter, Abi.X86_64, "mount")).isEqualTo("log");
  }

  @Test
  void compile_conditionThatAnotherRuleMakesVoidIsRefused() {
    assertThatThrownBy(
            () ->
                denying(
                    "{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ALLOW\"},"
                        + "{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_KILL\", \"args\": ["
                        + "{\"index\": 1, \"value\": 9, \"op\": \"SCMP_CMP_EQ\"}]}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("kill has the action \"allow\" whatever its arguments")
        .hasMessageContaining("arg1 == 0x9");
  }

  @Test
  void compile_profileThatForbidsWhatTheLauncherNeedsIsRefused() {
    for (String call : List.of("execve", "capset", "write", "exit_group")) {
      assertThatThrownBy(
              () ->
                  compile(
                      "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\""
                          + call
                          + "\"], \"action\": \"SCMP_ACT_ERRNO\"}]}"))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageStartingWith("seccomp profile forbids " + call + " (errno EPERM)");
      assertThatThrownBy(
              () ->
                  compile(
                      "{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": ["
                          + NEEDED.replace("\"" + call + "\"", "\"read\"")
                          + "]}"))
          .hasMessageStartingWith("seccomp profile forbids " + call + " (kill thread)");
    }
    assertThatThrownBy(
            () ->
                compile(
                    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"write\"],"
                        + " \"action\": \"SCMP_ACT_TRAP\", \"args\":"
                        + " [{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_GT\"}]}]}"))
        .hasMessageStartingWith("seccomp profile forbids write (trap)");
  }

  @Test
  void compile_permissiveDefaultCoversCallsNobodyKnows() {
    SeccompFilter filter =
        compile(
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mount\"],"
                + " \"action\": \"SCMP_ACT_KILL_PROCESS\"}]}");
    assertThat(answer(filter, Abi.X86_64, "mount")).isEqualTo("kill process");
    assertThat(answer(filter, Abi.X86_64, 900)).isEqualTo("allow");
    assertThat(answer(filter, Abi.X32, "mount")).isEqualTo("errno ENOSYS");
    assertThat(answer(filter, Abi.I386, "mount")).isEqualTo("kill process");
    assertThat(answer(filter, Abi.I386, "read")).isEqualTo("kill process");
  }
}

package dev.pinnace.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.isolation.linux.seccomp.DefaultSeccompProfile;
import dev.pinnace.internal.isolation.linux.seccomp.KernelVersion;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompCompiler;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompFilter;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small C program loads compiled filters and reports what its calls then give. */
@Needs("gcc")
class SeccompKernelTest {
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int OK = 0;
  private static final int SIGSYS_EXIT = 128 + 31;

  @TempDir static Path directory;

  private record Outcome(int exit, Map<String, Integer> calls) {}

  @BeforeAll
  static void compileProbe() throws IOException, InterruptedException {
    Path source = directory.resolve("probe.c");
    try (InputStream in =
        Objects.requireNonNull(SeccompKernelTest.class.getResourceAsStream("probe.c"))) {
      Files.copy(in, source);
    }
    Process gcc =
        new ProcessBuilder(
                "/usr/bin/gcc",
                "-O1",
                "-Wall",
                "-Werror",
                "-pthread",
                "-o",
                probe(),
                source.toString())
            .inheritIO()
            .start();
    assertThat(gcc.waitFor()).isZero();
  }

  private static String probe() {
    return directory.resolve("probe").toString();
  }

  private static Outcome run(String filter, String group) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(probe(), filter, group)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<String, Integer> calls = new HashMap<>();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line : out.lines().toList()) {
        List<String> words = List.of(line.split(" ", 3));
        calls.put(words.get(0), words.get(1).equals("ok") ? OK : Integer.parseInt(words.get(2)));
      }
    }
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the probe hangs");
    }
    return new Outcome(process.exitValue(), calls);
  }

  private static Outcome filtered(SeccompFilter filter, String group)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile(directory, "filter", ".bpf");
    Files.write(file, filter.bytes());
    return run(file.toString(), group);
  }

  private static SeccompFilter standard(String... capabilities) {
    return DefaultSeccompProfile.filter(
        Set.of(capabilities), Kernel.architecture(), KernelVersion.current());
  }

  private static SeccompFilter custom(String rules) {
    return SeccompCompiler.compile(
        SeccompProfile.parse(
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" + rules + "]}"),
        Set.of(),
        Kernel.architecture(),
        KernelVersion.current());
  }

  @Test
  void defaultProfile_ordinaryProgramsRun() throws Exception {
    Outcome outcome = filtered(standard(), "ordinary");
    assertThat(outcome.exit()).isZero();
    assertThat(outcome.calls())
        .containsOnlyKeys(
            "getpid", "capget", "capset", "open", "read", "pipe", "write", "thread", "fork",
            "execve")
        .allSatisfy((call, error) -> assertThat(error).as(call).isZero());
  }

  @Test
  void defaultProfile_dangerousCallsAreDenied() throws Exception {
    Map<String, Integer> calls = filtered(standard(), "limited").calls();
    List<String> denied =
        List.of(
            "mount",
            "umount2",
            "pivot_root",
            "setns",
            "unshare",
            "keyctl",
            "add_key",
            "bpf",
            "perf_event_open",
            "open_by_handle_at",
            "reboot",
            "io_uring_setup",
            "personality-norandom",
            "clone-newuser",
            "socket-alg",
            "socket-vsock",
            "socket-vsock-high-bits");
    List<String> permitted =
        List.of("personality-query", "clone-plain", "socket-inet", "socket-unix", "socket-netlink");
    assertThat(calls).hasSize(denied.size() + permitted.size() + 2);
    for (String call : denied) {
      assertThat(calls.get(call)).as(call).isEqualTo(EPERM);
    }
    for (String call : permitted) {
      assertThat(calls.get(call)).as(call).isEqualTo(OK);
    }
    assertThat(calls).containsEntry("clone3", ENOSYS).containsEntry("open_tree_attr", ENOSYS);
  }

  @Test
  void withoutFilter_theSameCallsGetTheKernelsOwnAnswer() throws Exception {
    Map<String, Integer> calls = run("-", "limited").calls();
    for (String call :
        List.of("mount", "umount2", "setns", "unshare", "add_key", "reboot", "open_by_handle_at")) {
      assertThat(calls.get(call)).as(call).isNotEqualTo(EPERM);
    }
    assertThat(calls.get("clone3")).isEqualTo(Errno.EINVAL);
  }

  @Test
  void defaultProfile_sysAdminMayMountAndMakeNamespaces() throws Exception {
    Map<String, Integer> calls = filtered(standard("SYS_ADMIN"), "limited").calls();
    assertThat(calls.get("mount")).isNotEqualTo(EPERM);
    assertThat(calls.get("unshare")).isEqualTo(OK);
    assertThat(calls.get("clone3")).isEqualTo(Errno.EINVAL);
    assertThat(calls.get("clone-newuser")).isEqualTo(OK);
    assertThat(calls.get("keyctl")).isEqualTo(EPERM);
    assertThat(calls.get("socket-vsock")).isEqualTo(EPERM);
  }

  @Test
  void defaultProfile_i386AndX32AreFilteredByTheirOwnNumbers() throws Exception {
    assumeTrue(Kernel.architecture() == Kernel.Architecture.X86_64, "not on x86_64");
    Outcome free = run("-", "i386");
    assumeTrue(
        free.exit() == 0 && Objects.equals(free.calls().get("i386-getpid"), OK),
        "this kernel runs no i386 programs (CONFIG_IA32_EMULATION)");
    assertThat(free.calls().get("i386-mount")).isNotEqualTo(EPERM);
    assertThat(free.calls().get("i386-socketcall")).isNotEqualTo(ENOSYS);
    assertThat(filtered(standard(), "i386").calls())
        .containsEntry("i386-getpid", OK)
        .containsEntry("i386-mount", EPERM)
        .containsEntry("i386-umount2", EPERM)
        .containsEntry("i386-socketcall", ENOSYS)
        .containsEntry("i386-socket-inet", OK)
        .containsEntry("i386-socket-alg", EPERM)
        .containsEntry("i386-clone3", ENOSYS)
        .containsEntry("x32-mount", EPERM);
  }

  @Test
  void customProfile_errnoAndKill() throws Exception {
    Outcome failing =
        filtered(
            custom("{\"names\": [\"getppid\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 123}"),
            "getppid");
    assertThat(failing).isEqualTo(new Outcome(0, Map.of("getppid", 123)));
    for (String action : List.of("KILL", "KILL_PROCESS", "TRAP")) {
      Outcome killed =
          filtered(
              custom("{\"names\": [\"getppid\"], \"action\": \"SCMP_ACT_" + action + "\"}"),
              "getppid");
      assertThat(killed).as(action).isEqualTo(new Outcome(SIGSYS_EXIT, Map.of()));
    }
    Outcome traced =
        filtered(custom("{\"names\": [\"getppid\"], \"action\": \"SCMP_ACT_TRACE\"}"), "getppid");
    assertThat(traced).isEqualTo(new Outcome(0, Map.of("getppid", ENOSYS)));
    Outcome logged =
        filtered(custom("{\"names\": [\"getppid\"], \"action\": \"SCMP_ACT_LOG\"}"), "getppid");
    assertThat(logged).isEqualTo(new Outcome(0, Map.of("getppid", OK)));
  }
}

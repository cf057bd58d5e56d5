package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.HostFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host that forbids executable memfds: a JVM in a pid namespace of its own, which has its own
 * {@code vm.memfd_noexec}.
 */
@Needs({"root", "unshare", "gcc", "busybox"})
@Needs(
    value = "memfd-noexec",
    excuse = "the kernel has vm.memfd_noexec since 6.3, and the virtual machine an older one")
@Timeout(300)
class MemfdNoexecTest {
  private static final Path SWITCH = Path.of("/proc/sys/vm/memfd_noexec");

  @TempDir private Path directory;

  private String inNamespace(String... command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    List<String> words = new ArrayList<>();
    words.addAll(List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
    words.addAll(List.of("sh", "-c", "echo 2 >" + SWITCH + " && exec \"$@\"", "sh"));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dpinnace.strict=true"));
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.addAll(List.of(command));
    Process process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  @Test
  void run_andExec_fromAReadOnlyTmpfs() throws Exception {
    String before = Files.readString(SWITCH);
    assertThat(inNamespace(MemfdNoexecTest.class.getName(), directory.toString()))
        .contains("launcher: in a read-only tmpfs of its own, for memfd_create")
        .contains("EACCES")
        .contains("run: from a container")
        .contains("exec: in a container");
    assertThat(Files.readString(SWITCH)).as("this namespace's own switch").isEqualTo(before);
  }

  /** CVE-2019-5736 holds for the file as it does for the memfd. */
  @Test
  void overwrite_ofTheFile_isRefused() throws Exception {
    String said =
        inNamespace(
            "org.junit.platform.console.ConsoleLauncher",
            "execute",
            "--select-class=" + ExecutableOverwriteTest.class.getName(),
            "--details=tree",
            "--disable-banner",
            "--disable-ansi-colors",
            "--fail-if-no-tests");
    assertThat(said)
        .contains("[         2 tests successful")
        .contains("[         0 tests failed")
        .contains("[         0 tests skipped");
  }

  /** What the JVM in the namespace does; a directory for root and run directory. */
  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    try (Pinnace pinnace =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .open()) {
      pinnace.images().host("busybox").named("localhost/busy").build();
      pinnace.info().features().stream()
          .filter(feature -> feature.name().equals("launcher"))
          .map(HostFeature::reason)
          .forEach(reason -> System.out.println("launcher: " + reason));
      System.out.print(
          pinnace
              .containers()
              .run(
                  ContainerSpec.image("localhost/busy")
                      .command("busybox", "echo", "run: from a container"))
              .stdout());
      try (var container =
          pinnace
              .containers()
              .scoped(ContainerSpec.image("localhost/busy").command("busybox", "sleep", "60"))) {
        System.out.print(container.execute("busybox", "echo", "exec: in a container").stdout());
      }
    }
  }
}

package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Namespaces that are private by default, and shared where that is asked for. */
@Needs({"root", "gcc"})
class NamespaceOptionsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder container(String... command) {
    return Tools.container(PLACE.pinnace(), command);
  }

  private static String output(ContainerSpecBuilder spec) {
    return Tools.output(PLACE.pinnace(), spec).strip();
  }

  private static String ours(String namespace) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", namespace)).toString();
  }

  private static ContainerSpecBuilder show(String namespace) {
    return container("stat", "-c", "%N", "/proc/self/ns/" + namespace);
  }

  @Test
  void namespaces_privateByDefault() throws IOException {
    for (String namespace : new String[] {"pid", "ipc", "uts", "net", "cgroup", "mnt"}) {
      assertThat(output(show(namespace))).as(namespace).doesNotContain(ours(namespace));
    }
    assertThat(output(show("user"))).contains(ours("user"));
    assertThat(output(show("time"))).contains(ours("time"));
  }

  @Test
  void namespaces_sharedOnRequest() throws IOException {
    assertThat(output(show("pid").hostPid())).contains(ours("pid"));
    assertThat(output(show("ipc").hostIpc())).contains(ours("ipc"));
    assertThat(output(show("uts").hostUts())).contains(ours("uts"));
    assertThat(output(show("net").network(NetworkMode.HOST))).contains(ours("net"));
    assertThat(output(show("cgroup").hostCgroup())).contains(ours("cgroup"));
  }

  @Test
  void hostPid_seesUs() {
    assertThat(output(container("ls", "/proc").hostPid()).lines())
        .contains(Long.toString(ProcessHandle.current().pid()));
  }

  @Test
  void timeOffset_shiftsTheClock() throws IOException {
    double ours = Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
    double theirs =
        Double.parseDouble(
            output(container("cat", "/proc/uptime").timeOffset("boottime", 1_000_000))
                .split(" ", 2)[0]);
    assertThat(theirs - ours).isBetween(1_000_000.0, 1_000_060.0);
  }

  /** That of this JVM is the host's: System.nanoTime is CLOCK_MONOTONIC. */
  @Test
  void timeOffset_shiftsTheMonotonicClock() {
    for (long seconds : new long[] {0, 1_000_000, -1}) {
      ContainerSpecBuilder probe = container(Tools.probe(), "monotonic");
      long before = System.nanoTime();
      String said =
          output(
              seconds == 0
                  ? probe.timeOffset("boottime", 7_000_000)
                  : probe.timeOffset("monotonic", seconds));
      long after = System.nanoTime();
      assertThat(Long.parseLong(said) - seconds * 1_000_000_000L)
          .as("shifted by %s", seconds)
          .isBetween(before, after);
    }
  }

  @Test
  void sysctls_ofItsNamespacesOnly() throws IOException {
    Path ttl = Path.of("/proc/sys/net/ipv4/ip_default_ttl");
    String before = Files.readString(ttl);
    assertThat(
            output(
                container("cat", "/proc/sys/net/ipv4/ip_default_ttl", "/proc/sys/kernel/shmmni")
                    .sysctl("net.ipv4.ip_default_ttl", "77")
                    .sysctl("kernel.shmmni", "99")))
        .isEqualTo("77\n99");
    assertThat(Files.readString(ttl)).isEqualTo(before);
    for (String refused :
        new String[] {
          "kernel.core_pattern", "vm.swappiness", "net.ipv4/../../kernel/core_pattern"
        }) {
      assertThatThrownBy(() -> output(container("true").sysctl(refused, "1")))
          .as(refused)
          .isInstanceOf(InvalidSpecException.class);
    }
    // The host's own value, so that nothing changes where this is not refused.
    assertThatThrownBy(
            () ->
                output(
                    container("true")
                        .network(NetworkMode.HOST)
                        .sysctl("net.ipv4.ip_default_ttl", before.strip())))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("net.ipv4.ip_default_ttl");
    String shmmni = Files.readString(Path.of("/proc/sys/kernel/shmmni")).strip();
    assertThatThrownBy(() -> output(container("true").hostIpc().sysctl("kernel.shmmni", shmmni)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("kernel.shmmni");
    assertThat(Files.readString(ttl)).isEqualTo(before);
  }

  @Test
  void hostname_givenOne() {
    assertThat(
            output(container("cat", "/proc/sys/kernel/hostname", "/etc/hostname").hostname("box")))
        .isEqualTo("box\nbox");
  }

  @Test
  void hostIpc_hasTheHostsQueues() {
    assertThat(output(container("cat", "/proc/self/mounts").hostIpc()))
        .contains(" /dev/mqueue mqueue ");
    assertThat(
            output(
                container("cat", "/proc/self/mounts").hostIpc().userMap(200_000, 200_000, 65_536)))
        .contains(" /dev/mqueue mqueue ");
  }
}

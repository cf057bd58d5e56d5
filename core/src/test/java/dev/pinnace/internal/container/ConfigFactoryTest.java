package dev.pinnace.internal.container;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.Signal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Docker's rules for what an image says and a caller asks. */
class ConfigFactoryTest {
  private static final ContainerId ID = new ContainerId("ab".repeat(32));

  private static ExecutionConfig says(List<String> entrypoint, List<String> cmd, String... env) {
    return says("/srv", entrypoint, cmd, env);
  }

  private static ExecutionConfig says(
      String directory, List<String> entrypoint, List<String> cmd, String... env) {
    return new ExecutionConfig(
        "",
        List.of(env),
        entrypoint,
        cmd,
        directory,
        new TreeSet<>(),
        new TreeSet<>(),
        Map.of(),
        Optional.of("SIGQUIT"),
        Optional.empty(),
        List.of(),
        List.of());
  }

  private static RuntimeConfig config(ContainerSpecBuilder spec, ExecutionConfig image) {
    return new ConfigFactory(spec.build(), image, Set.of("CAP_CHOWN", "CAP_SYS_ADMIN"), true)
        .create(ID, Users.Identity.ROOT);
  }

  private static List<String> args(ContainerSpecBuilder spec, ExecutionConfig image) {
    return config(spec, image).process().args();
  }

  @Test
  void arguments_followDocker() {
    ExecutionConfig both = says(List.of("/entry"), List.of("cmd"));
    assertThat(args(image("i"), both)).containsExactly("/entry", "cmd");
    assertThat(args(image("i").command("other"), both)).containsExactly("/entry", "other");
    assertThat(args(image("i").entrypoint("/mine"), both)).containsExactly("/mine");
    assertThat(args(image("i").entrypoint("/mine").command("a", "b"), both))
        .containsExactly("/mine", "a", "b");
    assertThat(args(image("i").entrypoint().command("only"), both)).containsExactly("only");
    assertThat(args(image("i"), says(List.of(), List.of("cmd", "x")))).containsExactly("cmd", "x");
  }

  @Test
  void arguments_none_isRefused() {
    ExecutionConfig nothing = says(List.of(), List.of());
    assertThatThrownBy(() -> args(image("i"), nothing))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("give a command");
    assertThatThrownBy(() -> args(image("i").entrypoint(), says(List.of("/e"), List.of("c"))))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> args(image("i").command(""), nothing))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void nul_ofTheImage_isRefusedWhereItIsUsed() {
    ExecutionConfig odd = says(List.of("/e", "a\0b"), List.of(), "A=1\0", "B\0=2");
    assertNul("Entrypoint or Cmd", image("i"), odd);
    ContainerSpecBuilder mine = image("i").entrypoint("/mine");
    assertNul("Env", mine, odd);
    assertThat(args(mine, says(List.of("/e", "a\0b"), List.of()))).containsExactly("/mine");
    assertThat(config(mine.env("A", "3"), says(List.of(), List.of(), "A=1\0")).process().env())
        .contains("A=3");
  }

  private static void assertNul(String member, ContainerSpecBuilder spec, ExecutionConfig image) {
    assertThatThrownBy(() -> config(spec, image))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the image i cannot be used as it is: its " + member + " holds a NUL")
        .hasMessageNotContaining("\0");
  }

  @Test
  void environment_whatIsUnset_isGone_butForAHome() {
    ExecutionConfig says = says(List.of("/e"), List.of(), "A=1", "B=2", "HOME=/h");
    assertThat(
            config(image("i").unsetEnv("A").unsetEnv("PATH").unsetEnv("HOME"), says)
                .process()
                .env())
        .containsExactly("HOSTNAME=abababababab", "B=2", "HOME=/root");
    assertThat(config(image("i").unsetEnv("A").env("A", "3"), says).process().env())
        .contains("A=3");
    assertThat(config(image("i").env("A", "3").unsetEnv("A"), says).process().env())
        .noneMatch(entry -> entry.startsWith("A="));
  }

  @Test
  void rulesAndAnnotations_areTakenOver() {
    RuntimeConfig config =
        config(
            image("i").deviceRule("c 189:* r").annotation("a.b/c", "d").command("x"),
            says(List.of(), List.of()));
    assertThat(config.linux().resources().cgroupDevices()).endsWith("c 189:* r");
    assertThat(config.annotations()).containsExactly(Map.entry("a.b/c", "d"));
  }

  @Test
  void processorTime_byQuotaAndPeriod() {
    ExecutionConfig says = says(List.of("/e"), List.of());
    assertThat(cpuMax(image("i").cpuQuota(25_000), says)).isEqualTo("25000 100000");
    assertThat(cpuMax(image("i").cpuPeriod(20_000), says)).isEqualTo("max 20000");
    assertThat(cpuMax(image("i").cpuQuota(5_000).cpuPeriod(20_000), says)).isEqualTo("5000 20000");
    assertThat(cpuMax(image("i").cpus(0.5), says)).isEqualTo("50000 100000");
    assertThat(cpuMax(image("i"), says)).isNull();
    assertThatThrownBy(() -> image("i").cpus(1).cpuQuota(5_000).build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("contradicts a quota");
  }

  private static @Nullable String cpuMax(ContainerSpecBuilder spec, ExecutionConfig image) {
    return config(spec, image).linux().resources().unified().get("cpu.max");
  }

  @Test
  void environment_laterWins() {
    List<String> env =
        config(
                image("i").env("B", "mine").env("C", ""),
                says(List.of("/e"), List.of(), "A=1", "B=2", "PATH=/bin", "odd"))
            .process()
            .env();
    assertThat(env)
        .containsExactlyInAnyOrder(
            "PATH=/bin", "HOSTNAME=" + ID.shortHex(), "A=1", "B=mine", "C=", "HOME=/root");
  }

  @Test
  void workdirAndStopSignal_fromTheImageUnlessAsked() {
    ExecutionConfig usual = says(List.of("/e"), List.of());
    assertThat(config(image("i"), usual).process().cwd()).isEqualTo("/srv");
    assertThat(config(image("i").workdir("/w"), usual).process().cwd()).isEqualTo("/w");
    assertThat(config(image("i"), says("srv/app", List.of("/e"), List.of())).process().cwd())
        .as("one that is not absolute begins in the root")
        .isEqualTo("/srv/app");
    assertThat(config(image("i"), says("", List.of("/e"), List.of())).process().cwd())
        .isEqualTo("/");
    assertThat(new ConfigFactory(image("i").build(), usual, Set.of(), true).stopSignal())
        .isEqualTo(Signal.QUIT);
    assertThat(
            new ConfigFactory(image("i").stopSignal(Signal.INT).build(), usual, Set.of(), true)
                .stopSignal())
        .isEqualTo(Signal.INT);
  }

  @Test
  void namespaces_allPrivateButUser() {
    ExecutionConfig usual = says(List.of("/e"), List.of());
    RuntimeConfig.Linux own = config(image("i"), usual).linux();
    for (NamespaceType type : NamespaceType.values()) {
      assertThat(own.has(type))
          .as("%s", type)
          .isEqualTo(type != NamespaceType.USER && type != NamespaceType.TIME);
    }
    RuntimeConfig.Linux shared =
        config(image("i").hostPid().hostIpc().network(NetworkMode.HOST), usual).linux();
    assertThat(shared.has(NamespaceType.PID)).isFalse();
    assertThat(shared.has(NamespaceType.IPC)).isFalse();
    assertThat(shared.has(NamespaceType.NETWORK)).isFalse();
    assertThat(shared.sysctl()).isEmpty();
  }

  @Test
  void masks_areThereUnlessPrivilegedOrAsked() {
    ExecutionConfig usual = says(List.of("/e"), List.of());
    assertThat(config(image("i"), usual).linux().maskedPaths()).contains("/proc/kcore");
    assertThat(config(image("i").unmaskPaths(), usual).linux().maskedPaths()).isEmpty();
    assertThat(config(image("i").privileged(), usual).linux().maskedPaths()).isEmpty();
  }

  @Test
  void capabilities_areThoseThatCanBeHad() {
    ExecutionConfig usual = says(List.of("/e"), List.of());
    assertThat(config(image("i"), usual).process().capabilities().permitted())
        .contains("CAP_CHOWN")
        .doesNotContain("CAP_SYS_ADMIN");
    assertThat(config(image("i").privileged(), usual).process().capabilities().permitted())
        .containsExactlyInAnyOrder("CAP_CHOWN", "CAP_SYS_ADMIN");
  }

  @Test
  void limits_inTheWordsOfCgroups() {
    Map<String, String> files =
        config(
                image("i").memory(Bytes.mebi(64)).cpus(1.5).pids(100).cpuWeight(50),
                says(List.of("/e"), List.of()))
            .linux()
            .resources()
            .unified();
    assertThat(files)
        .containsEntry("memory.max", "67108864")
        .containsEntry("memory.swap.max", "67108864")
        .containsEntry("cpu.max", "150000 100000")
        .containsEntry("cpu.weight", "50")
        .containsEntry("pids.max", "100");
    assertThat(
            config(
                    image("i").memory(Bytes.mebi(64)).unlimitedSwap(),
                    says(List.of("/e"), List.of()))
                .linux()
                .resources()
                .unified())
        .containsEntry("memory.swap.max", "max");
  }

  @Test
  void capabilities_allAddedAndDropped_lessThoseDroppedByName() {
    ContainerSpecBuilder spec = image("i").capAdd("ALL").capDrop("ALL", "sys_admin");
    assertThat(permitted(spec)).containsExactly("CAP_CHOWN");
    assertThat(permitted(image("i").capDrop("ALL", "CHOWN").capAdd("CHOWN")))
        .as("what is added stays where all are dropped")
        .containsExactly("CAP_CHOWN");
    assertThat(permitted(image("i").capDrop("CHOWN").capAdd("CHOWN"))).isEmpty();
  }

  @Test
  void capabilities_privileged_allButThoseDropped() {
    assertThat(permitted(image("i").privileged()))
        .containsExactlyInAnyOrder("CAP_CHOWN", "CAP_SYS_ADMIN");
    assertThat(permitted(image("i").privileged().capDrop("sys_admin")))
        .containsExactly("CAP_CHOWN");
    assertThat(permitted(image("i").capDrop("ALL").privileged())).isEmpty();
    assertThat(permitted(image("i").privileged().capDrop("ALL").capAdd("SYS_ADMIN")))
        .containsExactly("CAP_SYS_ADMIN");
  }

  private static Set<String> permitted(ContainerSpecBuilder spec) {
    return Set.copyOf(
        config(spec, says(List.of("/e"), List.of())).process().capabilities().permitted());
  }

  @Test
  void hostIpc_withTheHostsMessageQueues() {
    assertThat(config(image("i").hostIpc(), says(List.of("/e"), List.of())).mounts())
        .anyMatch(mount -> mount.type().equals("mqueue"))
        .anyMatch(mount -> mount.type().equals("bind") && mount.source().equals("/dev/shm"));
  }

  @Test
  void others_areJoinedByTheirIds() {
    String id = "ab".repeat(32);
    ExecutionConfig usual = says(List.of("/e"), List.of());
    RuntimeConfig shared = config(image("i").networkOf(id).pidOf(id).ipcOf(id).utsOf(id), usual);
    for (NamespaceType type :
        List.of(NamespaceType.NETWORK, NamespaceType.PID, NamespaceType.IPC, NamespaceType.UTS)) {
      assertThat(shared.linux().path(type)).as("%s", type).contains("container:" + id);
    }
    assertThat(shared.linux().joins(NamespaceType.MOUNT)).isFalse();
    assertThat(shared.linux().sysctl()).isEmpty();
    assertThat(shared.hostname()).isEmpty();
    assertThat(shared.mounts())
        .filteredOn(mount -> mount.destination().equals("/dev/shm"))
        .extracting(RuntimeConfig.Mount::type)
        .containsExactly(RuntimeConfig.SHARED_MEMORY);
    assertThat(shared.filesOnly().linux().joins()).isFalse();
    assertThat(shared.filesOnly().mounts())
        .noneMatch(mount -> mount.destination().equals("/dev/shm"));
    for (String parameter : List.of("net.ipv4.ip_forward", "kernel.shmmni", "kernel.hostname")) {
      assertThatThrownBy(
              () ->
                  config(
                      image("i").networkOf(id).ipcOf(id).utsOf(id).sysctl(parameter, "1"), usual))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("container abababababab");
    }
  }

  @Test
  void noShm_leavesItOut() {
    assertThat(config(image("i").noShm(), says(List.of("/e"), List.of())).mounts())
        .noneMatch(mount -> mount.destination().equals("/dev/shm"));
  }
}

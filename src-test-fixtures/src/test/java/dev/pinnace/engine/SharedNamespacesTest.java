package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers that share namespaces of others. */
class SharedNamespacesTest extends EngineFixture {
  private static final String ALL = "pid ipc uts net user mnt cgroup";

  private static String links(String which) {
    return "for n in " + which + "; do busybox readlink /proc/self/ns/$n; done";
  }

  private Container first(ContainerSpecBuilder spec) {
    return ready(engine.containers().start(spec.name("first")));
  }

  private String output(ContainerSpecBuilder spec) {
    RunResult result = engine.containers().run(spec);
    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    return result.stdout();
  }

  private static String namespaces(Container container, String which) {
    return container.execute("busybox", "sh", "-c", links(which)).stdout();
  }

  private static ContainerSpecBuilder sharingAll(ContainerSpecBuilder spec) {
    return spec.networkOf("first").pidOf("first").ipcOf("first").utsOf("first");
  }

  @Test
  void each_isTheOthersAndAllElseItsOwn() {
    Container first = first(waiting());
    String theirs = namespaces(first, ALL);
    String shared = output(sharingAll(shell(links(ALL))));
    assertThat(shared.lines().limit(5)).isEqualTo(theirs.lines().limit(5).toList());
    assertThat(shared.lines().skip(5)).doesNotContainAnyElementsOf(theirs.lines().skip(5).toList());
    assertThat(output(shell(links("pid")).ipcOf("first"))).isNotEqualTo(namespaces(first, "pid"));
    assertThat(output(shell(links("ipc")).ipcOf("first"))).isEqualTo(namespaces(first, "ipc"));
    assertThat(output(shell(links("uts")).utsOf("first"))).isEqualTo(namespaces(first, "uts"));
    assertThat(output(shell(links("net")).networkOf("first"))).isEqualTo(namespaces(first, "net"));
    assertThat(output(shell(links("pid")).pidOf("first"))).isEqualTo(namespaces(first, "pid"));
  }

  @Test
  void inAUserNamespace_thatIsTheOthersToo() {
    Container first = first(waiting().userMap(200_000, 200_000, 65_536));
    String theirs = namespaces(first, ALL);
    assertThat(
            output(sharingAll(shell(links(ALL))).userMap(200_000, 200_000, 65_536))
                .lines()
                .limit(5))
        .isEqualTo(theirs.lines().limit(5).toList());
    String own =
        output(
            shell(links("pid net user") + "; busybox wget -q -O- http://127.0.0.1:1 2>&1; true")
                .pidOf("first")
                .userMap(200_000, 200_000, 65_536));
    assertThat(own.lines().limit(3))
        .startsWith(namespaces(first, "pid").strip())
        .doesNotContain(namespaces(first, "net").strip())
        .endsWith(namespaces(first, "user").strip());
    assertThat(own).as("its loopback is up").contains("Connection refused");
    assertThatThrownBy(() -> engine.containers().create(shell("true").pidOf("first")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("\"first\"")
        .hasMessageContaining("its users are 200000:200000:65536")
        .hasMessageContaining("same user map");
  }

  @Test
  void processes_areSeenAndSignalled() {
    Container first = first(waiting());
    assertThat(output(shell("busybox ps").pidOf("first"))).contains("trap 'exit 0' TERM");
    Container second = ready(engine.containers().start(waiting().pidOf("first")));
    assertThat(second.top()).allMatch(process -> process.innerPid() != 1);
    assertThat(first.top()).extracting(ProcessInfo::innerPid).contains(1L);
    assertThat(second.execute("busybox", "sh", "-c", "busybox ps").stdout())
        .containsPattern("\\n +1 root .*trap(?s:.*) busybox ps\n");
    assertThat(second.execute("busybox", "kill", "-TERM", "1").exitCode()).isIn(0, 137);
    assertThat(first.await(Duration.ofSeconds(20)).code()).isZero();
    assertThat(second.await(Duration.ofSeconds(20)).signal()).contains(Signal.KILL);
  }

  @Test
  void kernelFiles_areHiddenAndTheFirstProcessHasNoMoreThanItsProgram() {
    first(waiting());
    String status =
        output(
            shell(
                    "busybox cat /proc/keys /proc/self/status; busybox ls -A /proc/scsi; echo x >"
                        + " /proc/sys/kernel/domainname 2>/dev/null || echo refused")
                .pidOf("first"));
    assertThat(status)
        .startsWith("Name:")
        .contains("CapEff:\t00000000a80425fb\n", "Seccomp:\t2\n")
        .endsWith("refused\n");
  }

  @Test
  void init_reapsInTheOthersPidNamespace() {
    first(waiting());
    assertThat(output(shell("echo $PPID").init().pidOf("first")).strip()).isNotEqualTo("0");
    assertThat(output(shell("busybox tty").pidOf("first").terminal())).contains("/dev/pts/");
  }

  @Test
  void memoryAndQueues_areTheOthers() {
    Container first = first(waiting().ipcOf(first0()));
    assertThat(first.execute("busybox", "sh", "-c", "echo hello > /dev/shm/x").exitCode()).isZero();
    assertThat(
            output(
                shell("busybox cat /dev/shm/x; busybox grep -c mqueue /proc/self/mounts")
                    .ipcOf("first")))
        .isEqualTo("hello\n1\n");
  }

  private String first0() {
    return ready(engine.containers().start(waiting().name("zero"))).id().hex();
  }

  @Test
  void noShm_hasNone() {
    Container first = first(waiting().noShm());
    assertThat(first.execute("busybox", "ls", "/dev/shm").exitCode()).isNotZero();
    assertThatThrownBy(() -> engine.containers().create(shell("true").ipcOf("first")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no /dev/shm");
  }

  @Test
  void network_bringsNameAndFiles() {
    Container first =
        first(waiting().hostname("box").extraHost("db", "192.0.2.7").dns("192.0.2.53"));
    Container second = ready(engine.containers().start(waiting().networkOf("first")));
    assertThat(
            second
                .execute(
                    "busybox",
                    "sh",
                    "-c",
                    "busybox hostname; cat=\"busybox cat\"; $cat /etc/hostname /etc/hosts"
                        + " /etc/resolv.conf; echo $HOSTNAME; echo 192.0.2.8 more >> /etc/hosts")
                .stdout())
        .startsWith("box\nbox\n")
        .contains("192.0.2.7\tdb\n", "nameserver 192.0.2.53\n")
        .endsWith("box\n");
    assertThat(first.execute("busybox", "cat", "/etc/hosts").stdout()).endsWith("192.0.2.8 more\n");
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .create(shell("true").networkOf("first").sysctl("net.ipv4.ip_forward", "1")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("net.ipv4.ip_forward")
        .hasMessageContaining(first.id().shortHex());
  }

  @Test
  void network_listenersAreReachedAcross() {
    first(
        shell("busybox nc -l -p 4711 -e busybox echo heard & echo ready; wait; busybox sleep 60"));
    eventually(
        () ->
            engine
                .containers()
                .run(shell("busybox nc 127.0.0.1 4711 < /dev/null").networkOf("first"))
                .stdout()
                .equals("heard\n"));
  }

  @Test
  void other_isKnownByItsIdAndMustRun() {
    Container first = first(waiting());
    Container second =
        engine.containers().create(waiting().name("second").networkOf("first").pidOf("first"));
    first.rename("renamed");
    second.start();
    assertThat(second.inspect().spec().namespaces().networkOf()).contains(first.id().hex());
    second.stop();
    first.stop();
    assertThatThrownBy(second::start)
        .isInstanceOf(ConflictException.class)
        .hasMessage(
            "cannot start \"second\": container \"renamed\", whose network it shares, does not run:"
                + " start that one first");
    first.start();
    second.start();
    second.stop();
    first.remove(true);
    assertThatThrownBy(second::start)
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(first.id().shortHex())
        .hasMessageContaining("not there any more");
    assertThatThrownBy(() -> engine.containers().create(shell("true").pidOf("nobody")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("nobody");
  }

  /** Its files are there without the other. */
  @Test
  void copy_ofAContainerWhoseOtherHasGone_isMadeAllTheSame(@TempDir Path temporary)
      throws IOException {
    Container first = first(waiting().hostname("box"));
    Container second = engine.containers().create(sharingAll(waiting()));
    first.remove(true);
    second.copyOut("/etc/hosts", temporary);
    assertThat(Files.readString(temporary.resolve("hosts"))).contains("127.0.0.1\tlocalhost");
  }

  @Test
  void restart_ofTheContainer_staysInTheNetworkAndIsOverWithTheProcesses() {
    Container first = first(waiting());
    Container network =
        engine
            .containers()
            .start(
                shell("busybox sleep 0.1; exit 1")
                    .networkOf("first")
                    .restart(RestartPolicy.onFailure(3)));
    assertThat(network.await(Duration.ofSeconds(60)).restarts()).isEqualTo(3);
    Container processes =
        ready(
            engine
                .containers()
                .start(waiting().name("processes").pidOf("first").restart(RestartPolicy.always())));
    first.kill(Signal.KILL);
    ExitStatus end = processes.await(Duration.ofSeconds(60));
    assertThat(end.code()).isEqualTo(125);
    assertThat(end.remark())
        .startsWith("it could not be started: ESRCH")
        .contains("start that one first");
    assertThat(processes.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }

  /** The supervisor of the one is not the init of a pid namespace above the other's. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void supervisor_killed_takesItsContainerAlong(boolean init) {
    first(waiting());
    ContainerSpecBuilder spec = waiting().name("second").pidOf("first");
    Container second = ready(engine.containers().start(init ? spec.init() : spec));
    ProcessHandle process = ProcessHandle.of(second.inspect().pid().orElseThrow()).orElseThrow();
    process.parent().orElseThrow().destroyForcibly();
    assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void pause_andStop_concernTheOneAlone() {
    Container first = first(waiting());
    Container second = ready(engine.containers().start(waiting().pidOf("first")));
    second.pause();
    assertThat(first.execute("busybox", "true").exitCode()).isZero();
    first.pause();
    first.unpause();
    second.unpause();
    second.stop();
    assertThat(first.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
  }

  @Test
  void what_theOtherHasOfTheHost_isTheHosts() {
    first(waiting().hostPid().hostIpc().hostUts().network(NetworkMode.HOST));
    String host = output(shell(links(ALL)).hostPid().hostIpc().hostUts().network(NetworkMode.HOST));
    assertThat(output(sharingAll(shell(links(ALL)))).lines().limit(5))
        .isEqualTo(host.lines().limit(5).toList());
  }

  @Test
  void others_ofDifferentUserNamespaces_areRefused() {
    first(waiting().userMap(200_000, 200_000, 65_536));
    ready(engine.containers().start(waiting().name("other").userMap(200_000, 200_000, 65_536)));
    ContainerSpecBuilder both =
        shell("true").userMap(200_000, 200_000, 65_536).networkOf("first").ipcOf("other");
    assertThatThrownBy(() -> engine.containers().run(both))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("differ");
  }

  @Test
  void anotherEngine_sharesWhatThisOneHas() {
    first(waiting());
    try (Pinnace other = engine()) {
      assertThat(other.containers().run(shell("busybox ps").pidOf("first")).stdout())
          .contains("trap 'exit 0' TERM");
    }
  }
}

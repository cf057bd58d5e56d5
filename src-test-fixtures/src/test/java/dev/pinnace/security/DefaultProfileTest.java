package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Docker's default profile as a program sees it, as the container's first and as a further one. */
@Needs({"root", "gcc"})
class DefaultProfileTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();
  private static ScopedContainer container;

  @BeforeAll
  static void start() {
    container =
        PLACE.pinnace().containers().scoped(Tools.container(PLACE.pinnace(), "sleep", "600"));
  }

  @AfterAll
  static void stop() {
    container.close();
  }

  /** The output of a program, run as the first process and as a further one. */
  private static List<String> both(String... command) {
    var executed = ((Container) container).execute(command);
    assertThat(executed.exitCode()).as(executed.stderr()).isZero();
    return List.of(
        Tools.output(PLACE.pinnace(), Tools.container(PLACE.pinnace(), command)),
        executed.stdout());
  }

  @Test
  void capabilities_fourteenAndNoneInherited() {
    assertThat(both("cat", "/proc/self/status"))
        .allSatisfy(
            status ->
                assertThat(status)
                    .contains("CapBnd:\t00000000a80425fb\n")
                    .contains("CapPrm:\t00000000a80425fb\n")
                    .contains("CapEff:\t00000000a80425fb\n")
                    .contains("CapInh:\t0000000000000000\n")
                    .contains("CapAmb:\t0000000000000000\n"));
  }

  @Test
  void status_seccompSignalsAndMask() {
    assertThat(both("cat", "/proc/self/status"))
        .allSatisfy(
            status ->
                assertThat(status)
                    .contains("Seccomp:\t2\n", "Seccomp_filters:\t1\n", "NoNewPrivs:\t0\n")
                    .contains("SigBlk:\t0000000000000000\n", "SigIgn:\t0000000000000000\n")
                    .contains("Umask:\t0022\n", "Uid:\t0\t0\t0\t0\n", "Groups:\t0 \n"));
  }

  @Test
  void descriptors_onlyTheStandardThree() {
    assertThat(both(Tools.probe(), "descriptors"))
        .allSatisfy(
            open ->
                assertThat(open.lines())
                    .hasSize(3)
                    .anySatisfy(line -> assertThat(line).isEqualTo("0 /dev/null"))
                    .anySatisfy(line -> assertThat(line).matches("1 (pipe|socket):.*"))
                    .anySatisfy(line -> assertThat(line).matches("2 (pipe|socket):.*")));
  }

  @Test
  void limits_softDescriptorsAsBeforeTheJvm() {
    assertThat(both("sh", "-c", "ulimit -Sn; ulimit -Sc; cat /proc/self/oom_score_adj"))
        .allSatisfy(text -> assertThat(text.lines()).first().isEqualTo("1024"))
        .allSatisfy(text -> assertThat(text.lines().toList().get(2)).isEqualTo("0"));
  }

  @Test
  void calls_dangerousOnesAreDenied() {
    assertThat(both(Tools.probe(), "calls"))
        .allSatisfy(
            text ->
                assertThat(text)
                    .contains("mount EPERM", "mount-cgroup EPERM", "remount-cgroup EPERM")
                    .contains("remount-proc-sys EPERM", "unmount-mask EPERM")
                    .contains("unshare-user EPERM", "keyctl EPERM", "setgroups ok"));
  }

  @Test
  void process_isFirstInASessionOfItsOwn() {
    String stat =
        Tools.output(PLACE.pinnace(), Tools.container(PLACE.pinnace(), "cat", "/proc/self/stat"));
    // pid (comm) state ppid pgrp session tty_nr: proc(5)
    assertThat(stat).startsWith("1 (cat) R 0 1 1 0 ");
  }

  @Test
  void environment_nothingOfTheHost() {
    assertThat(both("cat", "/proc/self/environ"))
        .allSatisfy(
            text ->
                assertThat(List.of(text.split("\0")))
                    .allMatch(e -> e.matches("(PATH|HOSTNAME|HOME)=.*"))
                    .contains("HOME=/root"));
    assertThat(both("sh", "-c", "pwd")).containsOnly("/\n");
  }

  @Test
  void keyring_isNew() {
    String first =
        Tools.output(
            PLACE.pinnace(),
            Tools.container(PLACE.pinnace(), Tools.probe(), "keyring").seccompUnconfined());
    String second =
        Tools.output(
            PLACE.pinnace(),
            Tools.container(PLACE.pinnace(), Tools.probe(), "keyring").seccompUnconfined());
    assertThat(Long.parseLong(first.strip())).isPositive();
    assertThat(second).isNotEqualTo(first);
  }
}

package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is mounted in a default container, and what of the kernel's files is out of its reach. */
@Needs({"root", "gcc"})
class DefaultMountsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static String output(String... command) {
    return Tools.output(PLACE.pinnace(), Tools.container(PLACE.pinnace(), command));
  }

  /** Mount point to type and options, of mount and file system: proc_pid_mountinfo(5). */
  private static Map<String, String> mounts() {
    Map<String, String> mounts = new TreeMap<>();
    for (String line : output("cat", "/proc/self/mountinfo").lines().toList()) {
      String[] fields = line.split(" ", -1);
      int dash = List.of(fields).indexOf("-");
      mounts.put(fields[4], fields[dash + 1] + " " + fields[5] + " " + fields[dash + 3]);
    }
    return mounts;
  }

  @Test
  void mounts_asDockers() {
    Map<String, String> mounts = mounts();
    assertThat(mounts.get("/proc")).matches("proc rw,nosuid,nodev,noexec,relatime rw.*");
    assertThat(mounts.get("/sys")).matches("sysfs ro,nosuid,nodev,noexec,relatime r[wo].*");
    assertThat(mounts.get("/sys/fs/cgroup")).matches("cgroup2 ro,nosuid,nodev,noexec,relatime .*");
    assertThat(mounts.get("/dev"))
        .matches("tmpfs rw,nosuid,noexec,relatime rw,size=65536k,mode=755.*");
    assertThat(mounts.get("/dev/pts"))
        .matches("devpts rw,nosuid,noexec,relatime rw,gid=5,mode=620,ptmxmode=666");
    assertThat(mounts.get("/dev/shm")).matches("tmpfs rw,nosuid,nodev,noexec.* rw,size=65536k.*");
    assertThat(mounts.get("/dev/mqueue")).matches("mqueue rw,nosuid,nodev,noexec.*");
  }

  @Test
  void ownPaths_areHiddenAndReadOnly_besidesTheUsualOnes() {
    String script =
        "mkdir /tmp/d; touch /tmp/d/x; cat /etc/hosts; ls /etc/ssl; cat /proc/kcore;"
            + " if touch /usr/new; then echo written; fi; /usr/bin/true && echo runs";
    ContainerSpecBuilder spec =
        Tools.container(PLACE.pinnace(), "sh", "-c", script)
            .maskedPath("/etc/hosts", "/nothing/there")
            .readOnlyPath("/usr/", "/not//there");
    assertThat(Tools.output(PLACE.pinnace(), spec)).isEqualTo("runs\n");
    assertThat(
            Tools.output(
                PLACE.pinnace(),
                Tools.container(PLACE.pinnace(), "sh", "-c", "cat /etc/hosts; touch /usr/new")
                    .privileged()
                    .maskedPath("/etc/hosts")))
        .isEmpty();
  }

  @Test
  void mounts_nothingElseAndNoneShared() {
    assertThat(mounts().keySet())
        .allMatch(
            at ->
                at.matches(
                    "/|/proc|/sys|/dev|/dev/(pts|shm|mqueue)|/sys/fs/cgroup"
                        + "|/etc/(hosts|hostname|resolv.conf)"
                        + "|/proc/(acpi|asound|interrupts|kcore|keys|latency_stats|sched_debug|scsi"
                        + "|timer_list|timer_stats|bus|fs|irq|sys|sysrq-trigger)"
                        + "|/sys/(firmware|devices/virtual/powercap)"
                        + "|/sys/devices/system/cpu/cpu[0-9]+/thermal_throttle"));
    assertThat(output("cat", "/proc/self/mountinfo")).doesNotContain("shared:", "master:");
  }

  @Test
  void maskedPaths_emptyOrGone() {
    List<String> masked =
        List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");
    String script =
        "for f; do if [ -d $f ]; then ls -A $f; (: > $f/new) 2>/dev/null && echo $f written;"
            + " elif [ -e $f ]; then cat $f; fi; done; true";
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(masked);
    assertThat(output(command.toArray(String[]::new))).isEmpty();
  }

  @Test
  void readOnlyPaths_refuseToBeWritten() {
    String script =
        "for f in /proc/sys/kernel/core_pattern /proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger"
            + " /proc/irq/default_smp_affinity /sys/fs/cgroup/cgroup.procs"
            + " /sys/kernel/uevent_helper /proc/bus/x /proc/fs/x; do"
            + " [ -e ${f%/*} ] || continue; (: >> $f) 2>/dev/null && echo $f; done; true";
    assertThat(output("sh", "-c", script)).isEmpty();
  }

  @Test
  void dev_devicesAndLinks() {
    assertThat(output("ls", "/dev").lines())
        .containsExactlyInAnyOrder(
            "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin",
            "stdout", "tty", "urandom", "zero");
    assertThat(
            output(
                    "sh",
                    "-c",
                    "cd /dev && stat -c '%n %F %t:%T %a' null zero full random urandom tty")
                .lines())
        .containsExactly(
            "null character special file 1:3 666",
            "zero character special file 1:5 666",
            "full character special file 1:7 666",
            "random character special file 1:8 666",
            "urandom character special file 1:9 666",
            "tty character special file 5:0 666");
    assertThat(
            output("stat", "-c", "%N", "/dev/fd", "/dev/stdin", "/dev/ptmx")
                .replace("'", "")
                .lines())
        .containsExactly(
            "/dev/fd -> /proc/self/fd", "/dev/stdin -> /proc/self/fd/0", "/dev/ptmx -> pts/ptmx");
  }

  @Test
  void namespaces_nameNetworkAndCgroupOfItsOwn() {
    String out =
        output(
            "sh",
            "-c",
            "cat /proc/sys/kernel/hostname /etc/hostname; ls /sys/class/net;"
                + " cat /proc/self/cgroup /sys/class/net/lo/operstate /sys/class/net/lo/flags;"
                + " cat /proc/sys/net/ipv4/ip_unprivileged_port_start"
                + " /proc/sys/net/ipv4/ping_group_range");
    List<String> lines = out.lines().toList();
    assertThat(lines.get(0)).matches("[0-9a-f]{12}").isEqualTo(lines.get(1));
    assertThat(lines.get(2)).isEqualTo("lo");
    assertThat(lines).contains("0::/", "0", "0\t2147483647");
    assertThat(
            Integer.decode(lines.stream().filter(l -> l.startsWith("0x")).findFirst().orElse("0x0"))
                & 1)
        .as("IFF_UP of lo")
        .isEqualTo(1);
  }

  /** With a directory of the host on /dev, or a file on /dev/null, what is hidden stays hidden. */
  @Test
  void maskedPaths_withSomethingMountedOnDev_areNullDevices() throws IOException {
    Path empty = Files.createDirectories(PLACE.directory().resolve("dev"));
    Path file = Files.writeString(PLACE.directory().resolve("file"), "of the host");
    for (Mount mount :
        List.of(
            Mount.bind(empty).at("/dev"),
            Mount.bind(Path.of("/dev")).at("/dev"),
            Mount.bind(file).at("/dev/null"))) {
      ContainerSpecBuilder spec =
          Tools.container(PLACE.pinnace(), "stat", "-c", "%t:%T", "/proc/interrupts");
      assertThat(Tools.output(PLACE.pinnace(), spec.mount(mount))).isEqualTo("1:3\n");
    }
    ContainerSpecBuilder seen = Tools.container(PLACE.pinnace(), "ls", "-a", "/dev");
    assertThat(Tools.output(PLACE.pinnace(), seen.mount(Mount.bind(empty).at("/dev"))))
        .isEqualTo(".\n..\n");
  }
}

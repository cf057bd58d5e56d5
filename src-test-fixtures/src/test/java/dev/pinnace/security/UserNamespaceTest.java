package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers with a user map: root inside is an ordinary user of the host. */
@Needs({"root", "gcc", "user-namespaces"})
class UserNamespaceTest {
  private static final int FIRST = 200_000;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder container(String... command) {
    return Tools.container(PLACE.pinnace(), command).userMap(FIRST, FIRST, 65536);
  }

  private static String output(ContainerSpecBuilder spec) {
    return Tools.output(PLACE.pinnace(), spec);
  }

  private static Path shared(String name) throws IOException {
    return Files.createDirectory(
        PLACE.directory().resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  @Test
  void root_isAnotherUserOutside() throws IOException {
    Path shared = shared("open");
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    String out =
        output(
            container("sh", "-c", "cat /proc/self/uid_map; id; touch /m/mine")
                .mount(Mount.bind(shared).at("/m")));
    assertThat(out).containsPattern("^ +0 +200000 +65536\n").contains("uid=0");
    assertThat(Files.getAttribute(shared.resolve("mine"), "unix:uid")).isEqualTo(FIRST);
    Files.delete(shared.resolve("mine"));
  }

  @Test
  void filesOfTheHostsRoot_areOutOfReach() throws IOException {
    Path shared = shared("closed");
    Files.writeString(shared.resolve("secret"), "secret\n");
    assertThat(
            output(
                container("sh", "-c", "cat /m/secret 2>/dev/null || echo refused")
                    .mount(Mount.bind(shared).at("/m"))))
        .isEqualTo("refused\n");
  }

  @Test
  void imageFiles_areRootsInside() {
    assertThat(output(container("stat", "-c", "%u:%g", "/bin", "/etc/passwd", Tools.probe())))
        .isEqualTo("0:0\n0:0\n0:0\n");
    assertThat(output(container("sh", "-c", "touch /new && stat -c %u:%g /new")))
        .isEqualTo("0:0\n");
  }

  @Test
  void devices_areTheHostsByBind() {
    assertThat(output(container("stat", "-c", "%F %t:%T", "/dev/null", "/dev/zero")))
        .isEqualTo("character special file 1:3\ncharacter special file 1:5\n");
    assertThat(output(container("sh", "-c", "echo x > /dev/null && echo written")))
        .isEqualTo("written\n");
    assertThat(output(container(Tools.probe(), "calls"))).contains("mknod EPERM", "mount EPERM");
  }

  @Test
  void devices_haveThePathsThatWereAskedFor() {
    assertThat(
            output(
                container("stat", "-c", "%n %F %t:%T", "/dev/log2", "/dev/x/null", "/dev/zero")
                    .device("/dev/kmsg:/dev/log2")
                    .device("/dev/zero:/dev/x/null")))
        .isEqualTo(
            """
            /dev/log2 character special file 1:b
            /dev/x/null character special file 1:5
            /dev/zero character special file 1:5
            """);
  }

  @Test
  void profile_isTheSame() {
    assertThat(output(container("cat", "/proc/self/status")))
        .contains("CapEff:\t00000000a80425fb\n", "CapInh:\t0000000000000000\n", "Seccomp:\t2\n");
    assertThat(output(container(Tools.probe(), "descriptors")).lines()).hasSize(3);
    assertThat(output(container("ls", "/sys/class/net"))).isEqualTo("lo\n");
  }

  @Test
  void setgroups_deniedForSingleIdMaps() {
    assertThat(
            output(
                Tools.container(
                        PLACE.pinnace(), "cat", "/proc/self/setgroups", "/proc/self/gid_map")
                    .userMap(FIRST, FIRST, 1)))
        .startsWith("deny\n")
        .containsPattern(" +0 +200000 +1\n");
    assertThat(
            output(
                Tools.container(PLACE.pinnace(), Tools.probe(), "calls").userMap(FIRST, FIRST, 1)))
        .contains("setgroups EPERM");
    assertThat(output(container("cat", "/proc/self/setgroups"))).isEqualTo("allow\n");
  }

  @Test
  void oomScore_isSetForTheContainerAndItsExecs() {
    try (ScopedContainer container =
        PLACE.pinnace().containers().scoped(container("sleep", "60").oomScoreAdj(77))) {
      assertThat(container.execute("cat", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj"))
          .returns("77\n77\n", ExecResult::stdout);
    }
  }

  @Test
  void exec_joinsTheUserNamespace() {
    try (ScopedContainer scoped = PLACE.pinnace().containers().scoped(container("sleep", "60"))) {
      Container container = scoped;
      assertThat(container.execute("cat", "/proc/self/uid_map").stdout()).contains("200000");
      assertThat(container.execute("cat", "/proc/self/status").stdout())
          .contains("CapEff:\t00000000a80425fb\n", "CapInh:\t0000000000000000\n", "Seccomp:\t2\n");
    }
  }

  private static String ours(String namespace) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", namespace)).toString();
  }

  private static ContainerSpecBuilder show(String namespace) {
    return container("stat", "-c", "%N", "/proc/self/ns/" + namespace);
  }

  /** What shows a namespace of the host's cannot be mounted in another user namespace. */
  @Test
  void namespacesOfTheHost_sharedInAUserNamespace() throws IOException {
    assertThat(output(show("net").network(NetworkMode.HOST))).contains(ours("net"));
    assertThat(output(show("pid").hostPid())).contains(ours("pid"));
    assertThat(output(show("cgroup").hostCgroup())).contains(ours("cgroup"));
    assertThat(output(show("ipc").hostIpc())).contains(ours("ipc"));
    assertThat(output(show("uts").hostUts())).contains(ours("uts"));
    String all =
        output(
            container("sh", "-c", "stat -c %N /proc/self/ns/*; ls /sys/class/net /proc")
                .network(NetworkMode.HOST)
                .hostPid()
                .hostCgroup()
                .hostIpc()
                .hostUts());
    assertThat(all)
        .contains(ours("net"), ours("pid"), ours("cgroup"), ours("ipc"), ours("uts"))
        .doesNotContain(ours("user"))
        .contains("\n" + ProcessHandle.current().pid() + "\n");
  }

  @Test
  void fileSystemsOfTheHostsNamespaces_areProtectedAsEver() {
    assertThat(
            output(
                container(
                        "sh",
                        "-c",
                        "echo 1 2>/dev/null >/proc/sys/kernel/printk || echo proc;"
                            + " mkdir /sys/fs/cgroup/made 2>/dev/null || echo cgroup;"
                            + " cat /proc/kcore; ls /sys/firmware; mount")
                    .network(NetworkMode.HOST)
                    .hostPid()
                    .hostCgroup()))
        .startsWith("proc\ncgroup\n")
        .containsPattern("on /sys type sysfs \\(ro,")
        .containsPattern("on /proc/sys type proc \\(ro,")
        .containsPattern("on /sys/firmware type tmpfs \\(ro,");
  }

  @Test
  void timeOffset_inAUserNamespace() throws IOException {
    double ours = Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
    try (ScopedContainer scoped =
        PLACE
            .pinnace()
            .containers()
            .scoped(container("sleep", "60").timeOffset("boottime", 1_000_000))) {
      String theirs = scoped.execute("cat", "/proc/uptime").stdout().split(" ", 2)[0];
      assertThat(Double.parseDouble(theirs) - ours).isBetween(1_000_000.0, 1_000_060.0);
    }
  }

  @Test
  void userOutsideTheMap_isRefusedByName() {
    for (String user : new String[] {"65536:0", "0:65536", "4294967294"}) {
      assertThatThrownBy(() -> PLACE.pinnace().containers().create(container("true").user(user)))
          .as(user)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("its user map has 0 to 65535");
    }
    assertThatThrownBy(
            () ->
                PLACE
                    .pinnace()
                    .containers()
                    .create(container("true").mount(Mount.tmpfs().at("/t").with("uid=70000"))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no user 70000 of the mount on /t");
    try (ScopedContainer scoped = PLACE.pinnace().containers().scoped(container("sleep", "60"))) {
      assertThatThrownBy(() -> scoped.execute(ExecSpec.of("true").withUser("70000")))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("its user map has 0 to 65535");
      assertThat(scoped.execute(ExecSpec.of("id", "-u").withUser("65535")).stdout())
          .isEqualTo("65535\n");
    }
  }
}

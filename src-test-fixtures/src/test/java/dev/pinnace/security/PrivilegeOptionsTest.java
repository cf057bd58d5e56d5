package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Ulimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Options that widen or narrow the default profile. */
@Needs({"root", "gcc"})
class PrivilegeOptionsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder container(String... command) {
    return Tools.container(PLACE.pinnace(), command);
  }

  private static String output(ContainerSpecBuilder spec) {
    return Tools.output(PLACE.pinnace(), spec);
  }

  private static String field(String status, String name) {
    return status
        .lines()
        .filter(line -> line.startsWith(name + ":\t"))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElse("");
  }

  private static ContainerSpecBuilder status() {
    return container("cat", "/proc/self/status");
  }

  private static void assertCapabilities(ContainerSpecBuilder spec, String wanted) {
    String status = output(spec);
    for (String set : new String[] {"CapBnd", "CapPrm", "CapEff"}) {
      assertThat(field(status, set)).as(set).isEqualTo(wanted);
    }
    assertThat(field(status, "CapInh")).isEqualTo("0000000000000000");
    assertThat(field(status, "CapAmb")).isEqualTo("0000000000000000");
  }

  @Test
  void capabilities_addedAndDropped() {
    assertCapabilities(status().capAdd("SYS_PTRACE").capDrop("CAP_MKNOD"), "00000000a00c25fb");
    assertCapabilities(status().capDrop("ALL"), "0000000000000000");
    assertCapabilities(status().capDrop("ALL").capAdd("net_bind_service"), "0000000000000400");
    assertThatThrownBy(() -> output(status().capAdd("SYS_GOD")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("SYS_GOD");
  }

  @Test
  void privileged_everythingThatWeHave() throws IOException {
    String ours = Files.readString(Path.of("/proc/self/status"));
    String status = output(status().privileged());
    assertThat(field(status, "CapEff")).isEqualTo(field(ours, "CapEff"));
    assertThat(field(status, "CapInh")).isEqualTo("0000000000000000");
    assertThat(field(status, "Seccomp")).isEqualTo("0");
    assertThat(output(container(Tools.probe(), "calls").privileged()))
        .contains("mount ok", "unshare-user ok");
  }

  @Test
  void noNewPrivileges_isSetWithTheFilter() {
    assertThat(field(output(status().noNewPrivileges()), "NoNewPrivs")).isEqualTo("1");
    assertThat(field(output(status().noNewPrivileges()), "Seccomp")).isEqualTo("2");
  }

  @Test
  void seccompUnconfined_capabilitiesStillHold() {
    assertThat(field(output(status().seccompUnconfined()), "Seccomp")).isEqualTo("0");
    assertThat(output(container(Tools.probe(), "calls").seccompUnconfined()))
        .contains("mount EPERM", "mount-cgroup EPERM", "keyctl ok");
  }

  @Test
  void seccomp_customProfileDeniesMkdir() {
    String profile =
        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],"
            + "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":42}]}";
    assertThat(output(container(Tools.probe(), "calls").seccomp(profile))).contains("mkdir ENOMSG");
    assertThat(output(container(Tools.probe(), "calls"))).contains("mkdir ok");
  }

  @Test
  void unmaskPaths_kernelFilesAreThere() {
    assertThat(output(container("cat", "/proc/self/mountinfo").unmaskPaths()))
        .doesNotContain("/proc/");
    assertThat(output(container("sh", "-c", "cat /proc/timer_list /proc/interrupts").unmaskPaths()))
        .isNotEmpty();
  }

  @Test
  void readOnly_rootButNotTmpfs() {
    String script =
        "touch /x 2>/dev/null && echo root; touch /scratch/x && echo scratch; touch /dev/shm/x &&"
            + " echo shm";
    assertThat(
            output(
                container("sh", "-c", script)
                    .readOnly()
                    .mount(Mount.tmpfs().at("/scratch").with("size=64k"))))
        .isEqualTo("scratch\nshm\n");
    assertThat(
            output(
                container("cat", "/proc/self/mountinfo")
                    .mount(Mount.tmpfs().at("/scratch").with("size=64k"))))
        .containsPattern("/scratch rw,nosuid,nodev,noexec.* - tmpfs \\S+ rw,size=64k");
    assertThat(output(container("cat", "/proc/self/mountinfo").shmSize(Bytes.mebi(1))))
        .containsPattern("/dev/shm .* rw,size=1024k");
  }

  @Test
  void readOnly_workingDirectoryIsMade() {
    String script = "pwd; touch x 2>/dev/null || echo refused";
    assertThat(output(container("sh", "-c", script).readOnly().workdir("/made/here")))
        .isEqualTo("/made/here\nrefused\n");
    assertThat(
            output(
                container("sh", "-c", script)
                    .readOnly()
                    .workdir("/made/here")
                    .userMap(200_000, 200_000, 65_536)))
        .isEqualTo("/made/here\nrefused\n");
  }

  @Test
  void bind_readOnly() throws IOException {
    Path shared = Files.createDirectory(PLACE.directory().resolve("shared"));
    Files.writeString(shared.resolve("file"), "theirs\n");
    assertThat(
            output(
                container("sh", "-c", "cat /m/file; touch /m/new 2>/dev/null || echo refused")
                    .mount(Mount.bind(shared).at("/m").asReadOnly())))
        .isEqualTo("theirs\nrefused\n");
    assertThat(shared.resolve("new")).doesNotExist();
  }

  @Test
  void limitsDevicesAndScore() {
    assertThat(
            output(
                container("sh", "-c", "ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj")
                    .ulimit(Ulimit.parse("nofile=99:101"))
                    .oomScoreAdj(77)))
        .isEqualTo("99\n101\n77\n");
    assertThat(
            output(
                container("stat", "-c", "%F %t:%T", "/dev/x/zero").device("/dev/zero:/dev/x/zero")))
        .isEqualTo("character special file 1:5\n");
    assertThatThrownBy(() -> output(container("true").device("/etc/passwd:/dev/passwd")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("not a device");
    assertThat(
            output(container("stat", "-c", "%F %t:%T", "/etc/zero").device("/dev/zero:/etc/zero")))
        .isEqualTo("character special file 1:5\n");
    assertThatThrownBy(() -> output(container("true").device("/dev/zero:/proc/zero")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("no place for it below /proc");
  }

  @Test
  void devices_inPlaceOfOthers() {
    String script = "cd /dev && stat -c '%n %t:%T' null zero full";
    for (ContainerSpecBuilder spec :
        List.of(
            container("sh", "-c", script),
            container("sh", "-c", script).userMap(200_000, 200_000, 65_536))) {
      assertThat(
              output(
                  spec.device("/dev/null")
                      .device("/dev/zero:/dev/full")
                      .device("/dev/null:/dev/zero")
                      .device("/dev/full:/dev/zero:r")))
          .isEqualTo("null 1:3\nzero 1:7\nfull 1:5\n");
    }
    assertThat(output(container("sh", "-c", script).privileged().device("/dev/null")))
        .isEqualTo("null 1:3\nzero 1:5\nfull 1:7\n");
  }

  @Test
  void devices_thatCannotBeWhereTheyAreToBe_areRefusedWhenTheContainerIsMade() {
    assertRefused("both /dev/zero and /dev/zero/x", "/dev/null:/dev/zero/x");
    assertRefused("both /dev/a/b and /dev/a", "/dev/null:/dev/a/b", "/dev/null:/dev/a");
    assertRefused("files are masked with it", "/dev/zero:/dev/null");
  }

  private static void assertRefused(String why, String... devices) {
    ContainerSpecBuilder spec = container("true").name("refused");
    for (String device : devices) {
      spec.device(device);
    }
    assertThatThrownBy(() -> PLACE.pinnace().containers().create(spec.build()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(why);
    assertThat(PLACE.pinnace().containers().find("refused")).isEmpty();
  }

  @Test
  void privileged_devicesInDirectoriesToo() throws IOException {
    List<String> ours = new ArrayList<>();
    try (Stream<Path> top = Files.list(Path.of("/dev"))) {
      for (Path directory :
          top.filter(Files::isDirectory).filter(d -> !Files.isSymbolicLink(d)).toList()) {
        if (!List.of("pts", "shm", "mqueue").contains(directory.getFileName().toString())) {
          ours.addAll(nodes(directory));
        }
      }
    }
    assertThat(
            output(container("find", "/dev", "-mindepth", "2", "-type", "c").privileged()).lines())
        .containsAll(ours)
        .allMatch(name -> ours.contains(name) || name.startsWith("/dev/pts/"));
  }

  private static List<String> nodes(Path directory) throws IOException {
    try (Stream<Path> below = Files.walk(directory)) {
      List<String> nodes = new ArrayList<>();
      for (Path path : below.toList()) {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & 0xF000) == 0x2000) {
          nodes.add(path.toString());
        }
      }
      return nodes;
    }
  }
}

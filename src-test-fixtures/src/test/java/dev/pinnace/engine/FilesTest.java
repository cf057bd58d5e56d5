package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.file.MountInfo;
import dev.pinnace.linux.file.Mounts;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.RunResult;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is mounted, and where a program starts. */
class FilesTest extends EngineFixture {
  @Test
  void bind_directory_isShared() throws Exception {
    Path shared = Files.createDirectory(PLACE.directory().resolve("shared"));
    Files.writeString(shared.resolve("in"), "from the host\n");
    RunResult result =
        engine
            .containers()
            .run(
                shell("busybox cat /deep/down/in; echo from the container > /deep/down/out")
                    .mount(Mount.bind(shared).at("/deep/down")));
    assertThat(result.stdout()).isEqualTo("from the host\n");
    assertThat(shared.resolve("out")).hasContent("from the container\n");
  }

  @Test
  void bind_file_isShared() throws Exception {
    Path file = Files.writeString(PLACE.directory().resolve("file"), "one\n");
    RunResult result =
        engine
            .containers()
            .run(
                shell("busybox cat /etc/mine; echo two >> /etc/mine")
                    .mount(Mount.bind(file).at("/etc/mine")));
    assertThat(result.stdout()).isEqualTo("one\n");
    assertThat(file).hasContent("one\ntwo\n");
  }

  @Test
  void bind_readOnly_refusesWriting() throws Exception {
    Path shared = Files.createDirectory(PLACE.directory().resolve("read-only"));
    RunResult result =
        engine
            .containers()
            .run(shell("echo x > /data/x").mount(Mount.bind(shared).at("/data").asReadOnly()));
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.stderr()).contains("Read-only file system");
    assertThat(shared).isEmptyDirectory();
  }

  @Test
  void bind_missingSource_isRefusedAndLeavesNothing() {
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .run(shell("exit 0").mount(Mount.bind(Path.of("/no/such")).at("/x"))))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("/no/such");
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void mount_onWhatMattersOrRelative_isRefused() {
    for (String place : List.of("/", "/proc", "/proc/sys", "/sys", "relative", "/x/../proc")) {
      assertThatThrownBy(() -> Mount.tmpfs().at(place))
          .as(place)
          .isInstanceOf(InvalidSpecException.class);
    }
    assertThatThrownBy(() -> Mount.bind(Path.of("relative")))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(
            () -> shell("exit 0").mount(Mount.tmpfs().at("/x")).mount(Mount.tmpfs().at("/x/")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("/x");
  }

  @Test
  void text_thatNoFileCanBeCalled_isRefused() {
    assertThatThrownBy(() -> Mount.tmpfs().at("/a\0b")).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> shell("true").sysctl("net.a\0b", "1"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> engine.images().host("a\0b").build())
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void tmpfs_isWritableAndLimited() {
    RunResult result =
        engine
            .containers()
            .run(
                shell(
                        "busybox grep ' /scratch ' /proc/mounts;"
                            + " busybox head -c 2000000 /dev/zero > /scratch/big")
                    .mount(Mount.tmpfs().at("/scratch").with("size=1m")));
    assertThat(result.stdout()).contains("tmpfs").contains("nosuid").contains("nodev");
    assertThat(result.exitCode()).isNotZero();
  }

  @Test
  void mounts_nested_outerFirst() throws Exception {
    Path outer = Files.createDirectory(PLACE.directory().resolve("outer"));
    RunResult result =
        engine
            .containers()
            .run(
                shell("echo x > /a/b/file; busybox ls /a")
                    .mount(Mount.tmpfs().at("/a/b"))
                    .mount(Mount.bind(outer).at("/a")));
    assertThat(result.stdout()).isEqualTo("b\n");
    assertThat(outer.resolve("b")).isEmptyDirectory();
  }

  @Test
  void workdir_isMade() {
    assertThat(engine.containers().run(shell("pwd").workdir("/not/there/yet")).stdout())
        .isEqualTo("/not/there/yet\n");
    assertThatThrownBy(() -> shell("pwd").workdir("relative"))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void readOnly_rootRefusesWriting_tmpfsDoesNot() {
    RunResult result =
        engine
            .containers()
            .run(
                shell("echo x > /tmp/x && busybox cat /tmp/x; echo y > /y")
                    .mount(Mount.tmpfs().at("/tmp"))
                    .readOnly());
    assertThat(result.stdout()).isEqualTo("x\n");
    assertThat(result.stderr()).contains("Read-only file system");
  }

  @Test
  void etcFiles_hostsUtsNamespace_nameTheHost() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertThat(
            engine
                .containers()
                .run(shell("busybox hostname; echo $HOSTNAME; busybox cat /etc/hostname").hostUts())
                .stdout())
        .isEqualTo(host + "\n" + host + "\n" + host + "\n");
  }

  @Test
  void hostname_withTheHostsNetwork_isTheHostsUnlessGiven() throws Exception {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    String script = "busybox hostname; echo $HOSTNAME; busybox cat /etc/hostname";
    assertThat(engine.containers().run(shell(script).network(NetworkMode.HOST)).stdout())
        .isEqualTo((host + "\n").repeat(3));
    assertThat(
            engine
                .containers()
                .run(shell(script).network(NetworkMode.HOST).hostname("boat"))
                .stdout())
        .isEqualTo("boat\n".repeat(3));
  }

  @Test
  void domainname_isInEtcHosts() {
    assertThat(
            engine
                .containers()
                .run(shell("busybox cat /etc/hosts").hostname("boat").domainname("sea.example"))
                .stdout())
        .endsWith("127.0.1.1\tboat.sea.example boat\n");
    assertThatThrownBy(() -> shell("true").domainname("a\n10.0.0.1 b"))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void etcFiles_nameTheContainer() {
    RunResult result =
        engine
            .containers()
            .run(
                shell("busybox hostname; busybox cat /etc/hostname /etc/hosts")
                    .hostname("boat")
                    .extraHost("harbour", "10.1.2.3"));
    assertThat(result.stdout())
        .startsWith("boat\nboat\n")
        .contains("127.0.1.1\tboat")
        .contains("10.1.2.3\tharbour");
  }

  @Test
  void etcFiles_haveNamesInUtf8() {
    String seen =
        engine
            .containers()
            .run(
                shell("busybox cat /etc/hosts /etc/resolv.conf")
                    .extraHost("büro-日", "10.1.2.3")
                    .dnsSearch("日.test"))
            .stdout();
    assertThat(seen).contains("10.1.2.3\tbüro-日\n").contains("search 日.test\n");
  }

  /** The machine's, but for those of tests in other JVMs. */
  private static List<MountInfo> mounts() {
    String temporary = System.getProperty("java.io.tmpdir") + "/";
    return Mounts.list().stream()
        .filter(
            mount ->
                !mount.target().startsWith(temporary)
                    || mount.target().startsWith(PLACE.directory().toString()))
        .toList();
  }

  @Test
  void host_seesNoMountOfAContainer() throws Exception {
    List<MountInfo> before = mounts();
    ready(engine.containers().start(waiting().mount(Mount.tmpfs().at("/scratch"))));
    assertThat(before).containsAll(mounts());
  }

  @Test
  void bind_fileOverDirectoryOrTheReverse_saysSo() throws Exception {
    Path file = Files.createFile(PLACE.directory().resolve("a-file"));
    Path directory = Files.createDirectory(PLACE.directory().resolve("a-directory"));
    assertThatThrownBy(
            () -> engine.containers().run(shell("exit 0").mount(Mount.bind(file).at("/etc"))))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("a file cannot be mounted over a directory");
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .run(shell("exit 0").mount(Mount.bind(directory).at("/bin/busybox"))))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("a directory cannot be mounted over a file");
  }

  @Test
  void bind_whatTheRootIsIn_againAndAgain_bindsNoRoot() {
    ContainerSpecBuilder spec = shell("busybox cat /proc/self/mountinfo");
    for (int number = 1; number <= 20; number++) {
      spec.mount(Mount.bind(PLACE.directory()).at("/m" + number));
    }
    List<String> mounts = engine.containers().run(spec).stdout().lines().toList();
    assertThat(mounts).hasSizeLessThan(100).noneMatch(line -> line.contains("unbindable"));
    assertThat(mounts.stream().map(line -> line.split(" ", -1)[4]))
        .contains("/m1", "/m20")
        .noneMatch(place -> place.matches("/m\\d+/.*"));
  }

  @Test
  void etcFiles_overAMountOnEtc() throws Exception {
    Path etc = Files.createDirectory(PLACE.directory().resolve("etc"));
    Files.writeString(etc.resolve("mine"), "mine\n");
    ContainerSpecBuilder shown = shell("busybox cat /etc/hosts /etc/mine");
    assertThat(
            engine
                .containers()
                .run(shown.hostname("boat").mount(Mount.bind(etc).at("/etc")))
                .stdout())
        .endsWith("127.0.1.1\tboat\nmine\n");
    assertThat(etc.resolve("hosts")).as("the place, as with Docker").isEmptyFile();
    assertThat(
            engine
                .containers()
                .run(
                    shell("busybox ls /etc; busybox cat /etc/hostname")
                        .hostname("boat")
                        .mount(Mount.tmpfs().at("/etc")))
                .stdout())
        .isEqualTo("hostname\nhosts\nresolv.conf\nboat\n");
  }

  @Test
  void etcFiles_whereTheCallerMountsOne_areTheCallers() throws Exception {
    Path hosts = Files.writeString(PLACE.directory().resolve("my-hosts"), "mine\n");
    assertThat(
            engine
                .containers()
                .run(shell("busybox cat /etc/hosts").mount(Mount.bind(hosts).at("/etc/hosts")))
                .stdout())
        .isEqualTo("mine\n");
  }

  @Test
  void etcFiles_withAReadOnlyRoot_refuseWriting() {
    RunResult result =
        engine
            .containers()
            .run(
                shell(
                        "for f in hosts hostname resolv.conf; do"
                            + " (echo x > /etc/$f) && echo wrote $f; done;"
                            + " busybox grep ' /etc/' /proc/mounts")
                    .readOnly());
    assertThat(result.stdout()).doesNotContain("wrote").contains("/etc/hosts");
    assertThat(result.stdout().lines())
        .hasSize(3)
        .allMatch(line -> line.contains(" ro,nosuid,nodev,noexec"));
  }

  @Test
  void etcFiles_thatAreFilled_takeNothingOfTheRunDirectory() throws Exception {
    for (ContainerSpecBuilder spec : List.of(fillsHosts(), fillsHosts().autoRemove())) {
      Container container = ready(engine.containers().start(spec));
      long size = 8_000_000;
      assertThat(root().resolve("containers/" + container.id().hex() + "/hosts")).hasSize(size);
      assertThat(largestFile(runDirectory())).isLessThan(size);
      assertThat(engine.diskUsage().containers())
          .as("it is counted")
          .anyMatch(usage -> usage.size().count() >= size);
      container.remove(true);
    }
  }

  private static long largestFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(Path::toFile).mapToLong(File::length).max().orElse(0);
    }
  }

  private static ContainerSpecBuilder fillsHosts() {
    return shell("busybox head -c 8000000 /dev/zero > /etc/hosts; echo ready; busybox sleep 600");
  }

  @Test
  void paths_areThoseOfItsFiles() throws Exception {
    Container container =
        engine
            .containers()
            .create(shell("echo out").hostname("harbour").dns("10.9.8.7").detached());
    container.start();
    container.await();
    assertThat(Files.readString(container.paths().hosts())).contains("harbour");
    assertThat(Files.readString(container.paths().hostname())).isEqualTo("harbour\n");
    assertThat(Files.readString(container.paths().resolvConf())).contains("10.9.8.7");
    assertThat(Files.readString(container.paths().log(), StandardCharsets.ISO_8859_1))
        .contains("out");
    container.remove(false);
  }
}

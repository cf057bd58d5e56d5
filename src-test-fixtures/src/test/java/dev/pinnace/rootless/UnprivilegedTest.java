package dev.pinnace.rootless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.Health;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.Signal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an ordinary user gets, run by an ordinary user: {@link RootlessTest} starts a JVM for it on
 * a build host, vm/tests --user runs it in the virtual machine.
 */
@Tag("unprivileged")
class UnprivilegedTest {
  private static Path directory;
  private static Pinnace pinnace;
  private static String image;

  @BeforeAll
  static void open(@TempDir Path temporary) throws IOException {
    directory = temporary;
    assertThat(uid()).as("the user that runs this").isNotEqualTo("0");
    pinnace = open(Optional.empty());
    image = host(pinnace);
  }

  @AfterAll
  static void close() throws IOException {
    pinnace.close();
    try (var left = Files.list(directory.resolve("root/containers"))) {
      assertThat(left).isEmpty();
    }
  }

  private static Pinnace open(Optional<String> storage) {
    Pinnace.Builder builder =
        Pinnace.builder()
            .root(directory.resolve("root" + storage.orElse("")))
            .runDirectory(directory.resolve("run"));
    storage.ifPresent(builder::storage);
    return builder.open();
  }

  private static String host(Pinnace engine) {
    return engine
        .images()
        .fromHost("sh", "cat", "id", "sleep", "mkdir", "chmod", "ls", "rm")
        .id()
        .toString();
  }

  private static String uid() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("Uid:"))
        .map(line -> line.split("\\s+", -1)[1])
        .findFirst()
        .orElseThrow();
  }

  private static ContainerSpecBuilder sh(String script) {
    return ContainerSpec.image(image).command("sh", "-c", script);
  }

  private static RunResult run(ContainerSpecBuilder spec) {
    RunResult result = pinnace.containers().run(spec);
    assertThat(result.stderr()).isEmpty();
    return result;
  }

  private static HostFeature feature(String name) {
    return pinnace.info().features().stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void run_isRootInsideAndThisUserOutside() throws IOException {
    RunResult result = run(sh("id -u; id -g; cat /proc/self/uid_map"));

    assertThat(result.stdout().strip().split("\\s+")).containsExactly("0", "0", "0", uid(), "1");
  }

  @Test
  void terminal_ofAContainerAndOfAnExec() throws InterruptedException {
    Container container =
        pinnace
            .containers()
            .create(
                sh("test -t 0 && echo yes; read x; echo got $x; exec sleep 600")
                    .terminal()
                    .stdinOpen());
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    InputStream typed = new ByteArrayInputStream("one\n".getBytes(StandardCharsets.UTF_8));
    CountDownLatch got = new CountDownLatch(1);
    Consumer<byte[]> screen =
        piece -> {
          seen.writeBytes(piece);
          if (seen.toString(StandardCharsets.UTF_8).contains("got one\r\n")) {
            got.countDown();
          }
        };
    AttachOptions options = AttachOptions.DEFAULTS.withStdin(typed);
    try (Attachment attachment = container.startAttached(options, screen, screen)) {
      assertThat(got.await(30, TimeUnit.SECONDS)).as(() -> "in " + seen).isTrue();
      assertThat(seen.toString(StandardCharsets.UTF_8)).contains("yes\r\n");
      ExecSpec exec = ExecSpec.of("sh", "-c", "test -t 1 && echo yes").withTerminal();
      assertThat(container.execute(exec).stdout()).isEqualTo("yes\r\n");
      container.kill(Signal.KILL);
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
    container.remove(true);
  }

  @Test
  void run_hasTheDefaultProfile() {
    String status = run(sh("cat /proc/self/status; ls /proc/acpi /sys/firmware")).stdout();

    assertThat(status).contains("CapBnd:\t00000000a80425fb", "Seccomp:\t2");
    assertThat(pinnace.containers().run(sh("echo 1 >/proc/sys/kernel/domainname")).exitCode())
        .isNotZero();
    assertThat(run(sh("ls -d /proc/[0-9]*")).stdout().lines().count()).isLessThanOrEqualTo(2);
  }

  @Test
  void oomScore_isRaisedForTheContainerAndItsExecs() {
    Container container =
        pinnace.containers().start(sh("while :; do sleep 0.1; done").oomScoreAdj(77));
    assertThat(container.execute("cat", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj"))
        .returns("77\n77\n", ExecResult::stdout);
    container.remove(true);
    assertThatThrownBy(() -> pinnace.containers().run(sh("exit 0").oomScoreAdj(-77)))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("set oom_score_adj to -77: EACCES")
        .hasMessageContaining("lowering it below the JVM's own needs CAP_SYS_RESOURCE");
  }

  /** There is no cgroup that tells which processes are the container's. */
  @Test
  void checks_areRun_andEndedWithAllThatTheyHaveStarted() {
    HealthSpec hanging =
        HealthSpec.command("sh", "-c", "(sleep 7711 &); sleep 7712")
            .withInterval(Duration.ofMillis(20))
            .withTimeout(Duration.ofMillis(500))
            .withRetries(1);
    Container container =
        pinnace.containers().start(sh("while :; do sleep 0.1; done").health(hanging));
    container.awaitReady(Ready.command("sh", "-c", "exit 0"), Duration.ofSeconds(60));
    assertThatThrownBy(() -> container.awaitReady(Ready.port(81), Duration.ofSeconds(2)))
        .isInstanceOf(TimedOutException.class);
    assertThat(container.inspect().health().orElseThrow().status())
        .isEqualTo(Health.Status.UNHEALTHY);
    assertThat(container.top().stream().filter(p -> p.command().startsWith("sleep 771")))
        .hasSizeLessThan(3);
    container.remove(true);
  }

  @Test
  void devices_work() {
    assertThat(
            run(sh("echo gone >/dev/null; [ -c /dev/pts/ptmx ] && [ -w /dev/full ] && echo well"))
                .stdout())
        .isEqualTo("well\n");
  }

  @Test
  void volume_isWrittenAsThisUser(@TempDir Path volume) throws IOException {
    run(sh("echo kept >/data/file").mount(Mount.bind(volume).at("/data")));

    assertThat(volume.resolve("file")).hasContent("kept");
    assertThat(Files.getAttribute(volume.resolve("file"), "unix:uid")).hasToString(uid());
  }

  @Test
  void namedVolume_isFilledAndOutlivesItsContainers() throws IOException {
    Container maker =
        pinnace
            .containers()
            .start(
                sh(
                    "mkdir -p /v/closed/in; echo secret >/v/closed/file; chmod 0 /v/closed/file;"
                        + " chmod 0555 /v/closed; chmod 0755 /v; echo x >/v/open"));
    assertThat(maker.await().code()).as(maker.logs().text()).isZero();
    maker.commit(CommitSpec.named("filled:1"));
    maker.remove(false);
    String script = "ls -ln /v /v/closed; cat /v/closed/file; echo new >/v/new; cat /v/new /v/open";
    ContainerSpecBuilder spec =
        ContainerSpec.image("filled:1")
            .command("sh", "-c", script)
            .mount(Mount.volume("filled").at("/v"));
    RunResult first = pinnace.containers().run(spec);
    assertThat(first.stdout()).as(first.stderr()).endsWith("secret\nnew\nx\n");
    assertThat(first.stdout()).contains("dr-xr-xr-x", "----------");
    Path data = directory.resolve("root/volumes/filled/_data");
    assertThat(data.resolve("new")).hasContent("new\n");
    assertThat(Files.getAttribute(data.resolve("closed"), "unix:mode")).isEqualTo(040555);
    pinnace.volumes().get("filled").remove();
    assertThat(data).doesNotExist();
    pinnace.images().remove("filled:1", true);
  }

  @Test
  void copy_belongsToRootInsideAndToThisUserOutside(@TempDir Path files) throws IOException {
    Files.writeString(files.resolve("in"), "text");
    for (boolean running : new boolean[] {false, true}) {
      Container container = pinnace.containers().create(sh("while :; do sleep 0.1; done"));
      if (running) {
        container.start();
      }
      container.copyIn(files.resolve("in"), "/tmp");
      container.copyOut("/tmp/in", files.resolve("out"));
      assertThat(files.resolve("out")).hasContent("text");
      assertThat(Files.getAttribute(files.resolve("out"), "unix:uid")).hasToString(uid());
      if (running) {
        assertThat(container.execute("sh", "-c", "[ -O /tmp/in ] && echo own").stdout())
            .isEqualTo("own\n");
      }
      assertThatThrownBy(
              () ->
                  container.copyIn(files.resolve("in"), "/tmp", CopyOptions.DEFAULTS.withOwners()))
          .isInstanceOf(UnsupportedException.class);
      container.remove(true);
    }
  }

  @Test
  void container_runsLogsExecutesAndStops() {
    Container container =
        pinnace
            .containers()
            .start(sh("echo begun; trap 'exit 5' TERM; while :; do sleep 0.1; done"));

    assertThat(container.execute("cat", "/proc/self/uid_map").stdout()).contains("0");
    assertThat(container.execute(ExecSpec.of("id", "-u").withUser("0")).stdout()).isEqualTo("0\n");
    container.stop(Duration.ofSeconds(10));
    assertThat(container.inspect().exit().orElseThrow().code()).isEqualTo(5);
    assertThat(container.logs().text()).isEqualTo("begun\n");

    container.start();
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
    container.remove(true);
  }

  @Test
  void overlay_isChosenWhereItWorks() {
    boolean works = feature("storage overlayfs").available();

    assertThat(pinnace.info().storage()).isEqualTo(works ? "overlayfs" : "vfs");
  }

  @Test
  void eachDriver_keepsContainersApartAndRemovesAll() throws IOException {
    for (String driver : List.of("overlayfs", "vfs")) {
      if (!feature("storage " + driver).available()) {
        assertThat(feature("storage " + driver).reason()).isNotEmpty();
        continue;
      }
      try (Pinnace engine = open(Optional.of(driver))) {
        String own = host(engine);
        ContainerSpecBuilder writing =
            ContainerSpec.image(own)
                .command(
                    "sh",
                    "-c",
                    "ls /etc/mine /bin/rm; rm /bin/rm; mkdir -p /etc/mine/below; echo x >/etc/mine/below/file;"
                        + " chmod 0 /etc/mine/below/file /etc/mine/below /etc/mine");
        for (int i = 0; i < 2; i++) {
          RunResult result = engine.containers().run(writing);
          assertThat(result.stdout()).as(driver).isEqualTo("/bin/rm\n");
          assertThat(result.stderr()).contains("/etc/mine");
        }
      }
      try (var left = Files.list(directory.resolve("root" + driver).resolve("containers"))) {
        assertThat(left).as(driver).isEmpty();
      }
    }
  }

  @Test
  void commitAndExport_keepWhatItsOwnerMayNotRead() {
    String script =
        "mkdir -p /closed/in /d; echo secret >/closed/in/file; echo x >/d/write-only;"
            + " rm /bin/rm || rm /usr/bin/rm; chmod 0 /closed/in/file /closed/in /closed;"
            + " chmod 200 /d/write-only";
    for (String driver : List.of("overlayfs", "vfs")) {
      if (!feature("storage " + driver).available()) {
        continue;
      }
      try (Pinnace engine = open(Optional.of(driver))) {
        Container container =
            engine
                .containers()
                .start(ContainerSpec.image(host(engine)).command("sh", "-c", script));
        assertThat(container.await().code()).as(container.logs().text()).isZero();
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        container.export(tar);
        assertThat(tar.toString(StandardCharsets.ISO_8859_1)).contains("secret", "closed/in/file");
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        container.export(again);
        assertThat(again.toByteArray())
            .as("permissions are as they were")
            .isEqualTo(tar.toByteArray());
        String committed = container.commit(CommitSpec.unnamed()).id().toString();
        RunResult result =
            engine
                .containers()
                .run(
                    ContainerSpec.image(committed)
                        .command(
                            "sh", "-c", "cat /closed/in/file /d/write-only; ls -ln /d; rm /d/x"));
        assertThat(result.stdout()).as(driver).contains("secret\nx\n", "--w------- 1 0 0 ");
        assertThat(result.stderr()).contains("rm: not found");
        container.remove(true);
        engine.images().remove(committed, true);
      }
    }
  }

  @Test
  void timeOffset_works() {
    String uptime = run(sh("cat /proc/uptime").timeOffset("boottime", 8_000_000)).stdout();

    assertThat(Double.parseDouble(uptime.split(" ", -1)[0])).isGreaterThan(8_000_000);
  }

  @Test
  void moreIds_areRefused() {
    for (ContainerSpecBuilder spec :
        List.of(
            sh("true").user("1000"),
            sh("true").user("0:5"),
            sh("true").groups("7"),
            sh("true").userMap(100_000, 100_000, 65_536),
            sh("true").network(NetworkMode.HOST),
            sh("true").hostPid(),
            sh("true").hostCgroup(),
            sh("true").mount(Mount.tmpfs().at("/t").with("uid=7")))) {
      assertThatThrownBy(() -> pinnace.containers().create(spec))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("ordinary user");
    }
    Container container = pinnace.containers().start(sh("sleep 600"));
    assertThatThrownBy(() -> container.execute(ExecSpec.of("id").withUser("5")))
        .isInstanceOf(UnsupportedException.class);
    container.remove(true);
  }

  @Test
  void everyMissingFeature_hasReasonAndFix() {
    assertThat(pinnace.info().features())
        .filteredOn(f -> !f.available())
        .allSatisfy(
            f -> {
              assertThat(f.reason()).as(f.name()).isNotEmpty();
              assertThat(f.fix()).as(f.name()).isNotEmpty();
            });
    assertThat(feature("user namespaces").available()).isTrue();
    assertThat(feature("namespaces").available()).isTrue();
    assertThat(feature("the host's network, pid and cgroup namespaces").available()).isFalse();
  }

  @Test
  void pids_areLimitedWhereTheControllerIsDelegated() {
    HostFeature pids = feature("pids limits");
    ContainerSpecBuilder limited = sh("cat /sys/fs/cgroup/pids.max").pids(20);
    if (pids.available()) {
      assertThat(run(limited).stdout()).isEqualTo("20\n");
    } else {
      assertThatThrownBy(() -> pinnace.containers().create(limited))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining(pids.reason());
    }
  }

  @Test
  void pause_worksWhereThereIsACgroup() {
    Container container = pinnace.containers().start(sh("sleep 600"));
    if (feature("cgroup v2").available()) {
      container.pause();
      assertThat(container.inspect().status()).isEqualTo(ContainerStatus.PAUSED);
      container.unpause();
    } else {
      assertThatThrownBy(container::pause).isInstanceOf(UnsupportedException.class);
    }
    container.remove(true);
  }

  @Test
  void defaults_lieInTheUsersDirectories() {
    try (Pinnace engine = Pinnace.open()) {
      assertThat(engine.root()).startsWith(Path.of(System.getenv("HOME")));
    }
  }
}

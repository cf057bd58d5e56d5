package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.examples.cli.Commands.Result;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on containers, with their flags. */
@Needs("root")
@Timeout(120)
class CommandsTest {
  private static final String LOOP = "while :; do sleep 0.05; done";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final Commands cli = new Commands(PLACE.root(), PLACE.run());

  @BeforeEach
  void makeImage() {
    if (cli.pinnace("images", "-q").lines().isEmpty()) {
      assertThat(cli.pinnace("import-host", "-t", "tools", "sh", "sleep", "cat", "stat").code())
          .isZero();
    }
  }

  @AfterEach
  void removeContainers() {
    for (String id : cli.pinnace("ps", "-aq").lines()) {
      assertThat(cli.pinnace("rm", "-f", id).code()).isZero();
    }
  }

  private String create(String name, String... flagsAndProgram) {
    return made("create", name, flagsAndProgram);
  }

  private String start(String name, String... flagsAndProgram) {
    return made("run", name, flagsAndProgram);
  }

  private String made(String command, String name, String... flagsAndProgram) {
    List<String> all = new ArrayList<>(List.of(command, "--name", name));
    if (command.equals("run")) {
      all.add("-d");
    }
    all.addAll(List.of(flagsAndProgram));
    Result result = cli.pinnace(all.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.line();
  }

  private List<String> names(String... filters) {
    List<String> all = new ArrayList<>(List.of("ps", "-a", "--format", "{{.Names}}"));
    for (String filter : filters) {
      all.addAll(List.of("--filter", filter));
    }
    return cli.pinnace(all.toArray(String[]::new)).lines();
  }

  private void await(String name, String code) {
    assertThat(cli.pinnace("wait", name).line()).isEqualTo(code);
  }

  private void awaitLine(String name, String line) {
    while (!PLACE.pinnace().containers().get(name).logs().text().contains(line)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void containerPrune_filters() {
    create("kept", "-l", "keep=yes", "tools", "sh");
    create("other", "tools", "sh");
    start("lives", "tools", "sh", "-c", LOOP);
    Result none = cli.pinnace("container", "prune", "-f", "--filter", "until=10m");
    assertThat(none.line()).isEqualTo("Total reclaimed space: 0B");
    assertThat(cli.pinnace("container", "prune", "-f", "--filter", "label!=keep").out())
        .startsWith("Deleted Containers:\n");
    assertThat(names()).containsExactly("lives", "kept");
    assertThat(cli.pinnace("container", "prune", "-f", "--filter", "label=keep=no").line())
        .startsWith("Total");
    assertThat(cli.pinnace("container", "prune", "-f", "--filter", "label=keep=yes").code())
        .isZero();
    assertThat(names()).containsExactly("lives");
    Result wrong = cli.pinnace("container", "prune", "-f", "--filter", "status=exited");
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).contains("write until=TIME, label=NAME[=VALUE]");
  }

  @Test
  void ps_filters() {
    String first = create("first", "tools", "sh");
    start("three", "tools", "sh", "-c", "exit 3");
    start("four", "tools", "sh", "-c", "exit 4");
    await("three", "3");
    await("four", "4");
    assertThat(names("exited=3", "exited=4")).containsExactly("four", "three");
    assertThat(names("id=" + first.substring(0, 12))).containsExactly("first");
    assertThat(names("before=four", "since=first")).containsExactly("three");
    assertThat(names("status=dead")).isEmpty();
    assertThat(names("status=created", "status=removing")).containsExactly("first");
    String image = cli.pinnace("images", "-q", "--no-trunc").line();
    String digest =
        cli.pinnace("inspect", "--type", "image", "-f", "{{index .RepoDigests 0}}", "tools").line();
    for (String ancestor :
        List.of("tools", "tools:latest", image, image.substring(7, 19), digest)) {
      assertThat(names("ancestor=" + ancestor)).as(ancestor).hasSize(3);
    }
    assertThat(cli.pinnace("commit", "-c", "LABEL of=tools", "three", "made:of").code()).isZero();
    create("child", "made:of", "sh");
    for (String ancestor : List.of("tools", "tools:latest", image.substring(7, 19))) {
      assertThat(names("ancestor=" + ancestor)).as(ancestor).hasSize(4);
    }
    assertThat(names("ancestor=made:of")).containsExactly("child");
    assertThat(names("ancestor=made")).as("made:latest").isEmpty();
    assertThat(cli.pinnace("rm", "child").code()).isZero();
    assertThat(cli.pinnace("rmi", "made:of").code()).isZero();
    assertThat(names("ancestor=nothing")).isEmpty();
    assertThat(names("ancestor=nothing", "ancestor=tools")).hasSize(3);
    assertThat(cli.pinnace("ps", "--filter", "before=nobody").err())
        .contains("there is no container \"nobody\"");
  }

  @Test
  void psAndInspect_sizes() {
    start(
        "big", "tools", "sh", "-c", "i=0; while [ $i -lt 9999 ]; do echo $i; i=$((i+1)); done >/n");
    await("big", "0");
    assertThat(cli.pinnace("ps", "-as").lines().get(1))
        .matches(".*big +[0-9.]+kB \\(virtual .*\\)");
    assertThat(cli.pinnace("ps", "-a", "--format", "{{.Size}}").line()).contains("kB (virtual ");
    assertThat(cli.pinnace("ps", "-a", "--format", "{{.Names}}").line()).isEqualTo("big");
    Result sizes = cli.pinnace("inspect", "-s", "-f", "{{.SizeRw}} {{.SizeRootFs}}", "big");
    String[] both = sizes.line().split(" ", -1);
    assertThat(Long.parseLong(both[0])).isGreaterThan(48_000);
    assertThat(Long.parseLong(both[1])).isGreaterThan(Long.parseLong(both[0]));
    assertThat(cli.pinnace("inspect", "-f", "{{.SizeRw}}", "big").err()).contains("no field");
  }

  @Test
  void paused_isNeitherPausedNorStarted_andNamedWithASlashToo() {
    start("one", "tools", "sh", "-c", LOOP);
    assertThat(cli.pinnace("pause", "one").line()).isEqualTo("one");
    Result again = cli.pinnace("pause", "one");
    assertThat(again.code()).isEqualTo(125);
    assertThat(again.err()).contains("container one is paused already");
    Result started = cli.pinnace("start", "one");
    assertThat(started.code()).isEqualTo(125);
    assertThat(started.err()).contains("container one is paused: unpause it instead");
    String name = cli.pinnace("inspect", "-f", "{{.Name}}", "one").line();
    assertThat(name).isEqualTo("/one");
    assertThat(cli.pinnace("unpause", name).line()).isEqualTo(name);
  }

  @Test
  void restarting_tellsWhenItEnded() {
    start("again", "--restart", "always", "tools", "sh", "-c", "exit 3");
    String status = "";
    while (!status.startsWith("Restarting")) {
      status = cli.pinnace("ps", "--format", "{{.Status}}").line();
    }
    assertThat(status).matches("Restarting \\(3\\) .+ ago");
  }

  @Test
  void restart_withATime_killsTheDeaf() {
    start("deaf", "tools", "sh", "-c", "trap '' TERM; echo ready; " + LOOP);
    awaitLine("deaf", "ready");
    String before = cli.pinnace("inspect", "-f", "{{.State.StartedAt}}", "deaf").line();
    assertThat(cli.pinnace("restart", "-t", "0", "deaf").line()).isEqualTo("deaf");
    String state =
        cli.pinnace("inspect", "-f", "{{.State.Status}} {{.State.StartedAt}}", "deaf").line();
    assertThat(state).startsWith("running ").doesNotContain(before);
    assertThat(cli.pinnace("stop", "-s", "NONE", "deaf").code()).isEqualTo(125);
    assertThat(cli.pinnace("stop", "-s", "KILL", "-t", "-1", "deaf").line()).isEqualTo("deaf");
    await("deaf", "137");
  }

  @Test
  void kill_withASignal() {
    start("heeds", "tools", "sh", "-c", "trap 'exit 7' USR1; echo ready; " + LOOP);
    awaitLine("heeds", "ready");
    Result wrong = cli.pinnace("kill", "-s", "NONE", "heeds");
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).contains("is not a signal");
    assertThat(cli.pinnace("kill", "-s", "SIGUSR1", "heeds").line()).isEqualTo("heeds");
    await("heeds", "7");
    assertThat(cli.pinnace("kill", "--signal=9", "heeds").err()).contains("heeds");
  }

  @Test
  void cp_archiveAndFollowedLink(@TempDir Path files) throws Exception {
    Path file = Files.writeString(files.resolve("file"), "text");
    Files.setAttribute(file, "unix:uid", 1234);
    Files.createSymbolicLink(files.resolve("link"), Path.of("file"));
    create("target", "tools", "stat", "-c", "%F %u", "/kept", "/led", "/own");
    assertThat(cli.pinnace("cp", "-q", files + "/link", "target:/kept").err()).isEmpty();
    assertThat(cli.pinnace("cp", "-a", "-L", files + "/link", "target:/led").err()).isEmpty();
    assertThat(cli.pinnace("cp", "-L", files + "/link", "target:/own").err()).isEmpty();
    assertThat(cli.pinnace("start", "target").code()).isZero();
    await("target", "0");
    assertThat(PLACE.pinnace().containers().get("target").logs().text())
        .isEqualTo("symbolic link 0\nregular file 1234\nregular file 0\n");
    assertThat(cli.pinnace("cp", "-L", "target:/led", files + "/out").err()).isEmpty();
    assertThat(files.resolve("out")).hasContent("text");
  }

  @Test
  void top_columns() {
    start("busy", "tools", "sleep", "1000");
    assertThat(cli.pinnace("top", "busy", "-o", "comm,args").lines())
        .containsExactly("COMMAND   COMMAND", "sleep     sleep 1000");
    assertThat(cli.pinnace("top", "busy", "aux").lines().get(0))
        .startsWith("USER")
        .contains("%MEM");
    Result wrong = cli.pinnace("top", "busy", "--forest");
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).contains("there are -ef, aux, ax and -o");
  }

  @Test
  void inspect_pathsAndFormats() {
    Instant before = Instant.now();
    create("web", "-l", "a.b=c", "-e", "A=1", "--annotation", "x=y", "tools", "sh", "-c", "exit 3");
    assertThat(
            cli.pinnace(
                    "inspect",
                    "-f",
                    "{{index .Config.Labels \"a.b\"}} {{join .Args \" \"}}"
                        + " {{.HostConfig.Annotations.x}} {{if"
                        + " .State.Running}}up{{else}}down{{end}}",
                    "web")
                .line())
        .isEqualTo("c -c exit 3 y down");
    assertThat(cli.pinnace("ps", "-a", "--format", "{{.Label \"a.b\"}}").line()).isEqualTo("c");
    for (String path : List.of("HostsPath", "HostnamePath", "ResolvConfPath")) {
      assertThat(Path.of(cli.pinnace("inspect", "-f", "{{." + path + "}}", "web").line()))
          .as(path)
          .startsWithRaw(PLACE.root());
    }
    assertThat(Instant.parse(cli.pinnace("inspect", "-f", "{{.Created}}", "web").line()))
        .isAfterOrEqualTo(before.minusSeconds(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "--ulimit x | \"x\" is not a ulimit: write name=soft[:hard]",
        "--ulimit nofile=a | \"a\" in the ulimit \"nofile=a\" is not a number",
        "--ulimit nofile=5:3 | the soft limit 5 is above the hard limit 3",
        "--ulimit nosuch=1 | there is no ulimit \"nosuch\": use one of",
        "--ulimit nofile=-2 | -2 is negative; -1 is for no limit",
        "--stop-signal NOSUCH | \"NOSUCH\" is not a signal: use a name such as SIGTERM",
        "--stop-signal 0 | there is no signal 0: signals are 1 to 64",
        "--stop-signal 65 | there is no signal 65",
        "--restart sometimes | is not a restart policy: use no, on-failure[:N], always",
        "--restart on-failure:x | \"x\" in the restart policy",
        "--restart always:3 | goes with on-failure only",
        "--cpu-shares 1 | --cpu-shares lies between 2 and 262144, not at 1",
        "--cpu-shares 262145 | not at 262145",
        "--blkio-weight 9 | --blkio-weight lies between 10 and 1000, not at 9",
        "--blkio-weight 1001 | not at 1001",
        "--cpuset-cpus x | \"x\" is not a list of processors: write numbers and ranges",
        "--cpuset-cpus 0- | \"0-\" is not a list of processors",
        "--cpuset-cpus 3-1 | \"3-1\" is not a list of processors",
        "--cpuset-cpus 0,,1 | \"0,,1\" is not a list of processors",
        "--cpuset-mems x | \"x\" is not a list of memory nodes",
        "--tmpfs run | a mount's place in the container must be absolute: \"run\"",
        "--tmpfs /run:size=x | a tmpfs cannot have size=x",
        "--tmpfs /run:what | a tmpfs does not know the option what",
        "--tmpfs / | nothing may be mounted on /",
        "--shm-size x | \"x\" is not a size: write a number and b, k, m or g",
        "--add-host a | --add-host a: write NAME:VALUE",
        "--add-host a:x | the address of a is not an IP address: \"x\"",
        "--add-host :1.1.1.1 | write NAME:VALUE",
        "--dns x | the name server is not an IP address: \"x\"",
        "--dns 1.2.3 | the name server is not an IP address",
        "--oom-score-adj 1001 | oom_score_adj lies between -1000 and 1000, not at 1001",
        "--oom-score-adj x | '--oom-score-adj': \"x\" is not a whole number",
        "--health-interval 5 | '--health-interval': \"5\" is not a time: write it with units",
        "--health-interval -1s | \"-1s\" is not a time",
        "--health-timeout x | '--health-timeout': \"x\" is not a time",
        "--health-retries -1 | the retries of a health check must be positive: -1",
        "--health-start-period 1 | '--health-start-period': \"1\" is not a time",
        "--health-start-interval x | '--health-start-interval': \"x\" is not a time",
        "--no-healthcheck --health-cmd x | --no-healthcheck contradicts the flags",
        "--platform x | \"x\" is not a platform; write os/architecture",
        "--group-add nosuchgroup | no group \"nosuchgroup\" in /etc/group of the image",
        "--group-add -1 | \"-1\" is not a name of a user or group",
        "--group-add 4294967296 | there is no group 4294967296",
        "--device-cgroup-rule x | \"x\" is not a device rule",
        "--cpu-quota 1 | the quota of processor time must be 1000 microseconds at least",
        "--stop-timeout x | '--stop-timeout': \"x\" is not a time: write seconds",
        "-a x | --attach x is no stream",
      })
  void create_badValue_isRefusedAndNothingIsMade(String flags, String message) {
    List<String> all = new ArrayList<>(List.of("create"));
    all.addAll(List.of(flags.split(" ", -1)));
    all.addAll(List.of("tools", "sh"));
    Result refused = cli.pinnace(all.toArray(String[]::new));
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).startsWith("pinnace: ").contains(message);
    assertThat(refused.out()).isEmpty();
    assertThat(cli.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void run_onATerminal_withStdinAlone_isRefused() {
    Result refused = cli.pinnace("run", "-t", "-a", "stdin", "tools", "sh");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).contains("--tty contradicts --attach stdin alone");
    assertThat(refused.out()).isEmpty();
    assertThat(cli.pinnace("ps", "-aq").out()).isEmpty();
  }
}

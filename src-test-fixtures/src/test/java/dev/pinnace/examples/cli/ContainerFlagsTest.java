package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.HealthSpec;
import dev.pinnace.spec.LogSpec;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.PullPolicy;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Ulimit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ContainerFlagsTest {
  @TempDir private Path directory;

  private static Arguments flags(String flags, Consumer<ContainerSpecBuilder> same) {
    return arguments(flags, same);
  }

  static Stream<Arguments> everyFlag() {
    return Stream.of(
        flags("", s -> {}),
        flags("--name web", s -> s.name("web")),
        flags("-l a=b --label c", s -> s.label("a", "b").label("c", "")),
        flags("-e A=b=c --env D=", s -> s.env("A", "b=c").env("D", "")),
        flags("-e PATH", s -> s.env("PATH", System.getenv("PATH"))),
        flags("-e NO_SUCH_VARIABLE_HERE", s -> s.unsetEnv("NO_SUCH_VARIABLE_HERE")),
        flags("-w /srv", s -> s.workdir("/srv")),
        flags("-u 1000:100 --group-add audio", s -> s.user("1000:100").groups("audio")),
        flags("--entrypoint /bin/x", s -> s.entrypoint("/bin/x")),
        flags("--entrypoint=", s -> s.entrypoint()),
        flags("--init", s -> s.init()),
        flags("--ulimit nofile=64:128", s -> s.ulimit(new Ulimit("nofile", 64, 128))),
        flags("--oom-score-adj -500", s -> s.oomScoreAdj(-500)),
        flags("--oom-kill-disable=false --memory-swappiness -1", s -> {}),
        flags("--shm-size 0 --memory-swap -1 --pids-limit -5", s -> {}),
        flags("-u :1001", s -> s.user("0:1001")),
        flags("-u app:", s -> s.user("app")),
        flags("-w=", s -> {}),
        flags("--security-opt mask=/a:/b/", s -> s.maskedPath("/a", "/b")),
        flags("--security-opt mask=/a --security-opt mask=/b", s -> s.maskedPath("/a", "/b")),
        flags("--health-cmd=", s -> {}),
        flags("--health-cmd true", s -> s.health(HealthSpec.shell("true"))),
        flags(
            "--health-interval 1m30s --health-timeout 500ms --health-retries 2",
            s ->
                s.health(
                    HealthSpec.image()
                        .withInterval(Duration.ofSeconds(90))
                        .withTimeout(Duration.ofMillis(500))
                        .withRetries(2))),
        flags(
            "--health-start-period 5s --health-start-interval 1s",
            s ->
                s.health(
                    HealthSpec.image()
                        .withStartPeriod(Duration.ofSeconds(5))
                        .withStartInterval(Duration.ofSeconds(1)))),
        flags("--health-interval 0 --health-retries 0", s -> {}),
        flags("--no-healthcheck", s -> s.noHealth()),
        flags("--read-only", s -> s.readOnly()),
        flags("--tmpfs /run", s -> s.mount(Mount.tmpfs().at("/run"))),
        flags(
            "--tmpfs /run:ro,size=1m",
            s -> s.mount(Mount.tmpfs().at("/run").with("size=1m").asReadOnly())),
        flags("-v /etc:/e:ro", s -> s.mount(Mount.bind(Path.of("/etc")).at("/e").asReadOnly())),
        flags(
            "-v /etc:/e:rw,rprivate",
            s -> s.mount(Mount.bind(Path.of("/etc")).at("/e").with("rprivate"))),
        flags(
            "--mount type=bind,source=/etc,target=/e,readonly",
            s -> s.mount(Mount.bind(Path.of("/etc")).at("/e").asReadOnly())),
        flags("--tmpfs /run:ro,rw", s -> s.mount(Mount.tmpfs().at("/run"))),
        flags(
            "--tmpfs /run:exec,size=1m,noexec,nosuid,suid",
            s -> s.mount(Mount.tmpfs().at("/run").with("size=1m", "noexec", "suid"))),
        flags(
            "--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1777",
            s -> s.mount(Mount.tmpfs().at("/t").with("size=1048576", "mode=1777"))),
        flags("--shm-size 8m", s -> s.shmSize(Bytes.mebi(8))),
        flags("--storage-opt size=1G", s -> s.layerLimit(Bytes.gibi(1))),
        flags("--device /dev/a", s -> s.device("/dev/a")),
        flags(
            "--annotation a=b=c --annotation d", s -> s.annotation("a", "b=c").annotation("d", "")),
        flags("--device /dev/a:/dev/b:rwm", s -> s.device("/dev/a:/dev/b:rwm")),
        flags(
            "-m 256m --memory-swap -1 --memory-reservation 64m",
            s -> s.memory(Bytes.mebi(256)).unlimitedSwap().memoryReservation(Bytes.mebi(64))),
        flags("-m 0 --memory-swap 0 --memory-reservation 0 --cpus 0", s -> {}),
        flags("--pids-limit 0 --cpu-shares 0 --blkio-weight 0", s -> {}),
        flags("--cpus 1.5 --cpu-shares 1024", s -> s.cpus(1.5).cpuWeight(100)),
        flags("--cpu-quota 50000", s -> s.cpuQuota(50_000)),
        flags("--cpu-period 20000 --cpu-quota 5000", s -> s.cpuPeriod(20_000).cpuQuota(5_000)),
        flags("--cpu-quota -1 --cpu-period 0 --cpus 2", s -> s.cpus(2)),
        flags("-c 2", s -> s.cpuWeight(1)),
        flags("-c 262144", s -> s.cpuWeight(10_000)),
        flags("--cpuset-cpus 0-1 --cpuset-mems 0", s -> s.cpusetCpus("0-1").cpusetMems("0")),
        flags("--cpuset-cpus= --cpuset-mems=", s -> {}),
        flags("--pids-limit 50", s -> s.pids(50)),
        flags("--pids-limit -1", s -> {}),
        flags("--blkio-weight 10", s -> s.ioWeight(1)),
        flags("--blkio-weight 1000", s -> s.ioWeight(10_000)),
        flags("--huge-pages 2m:64m", s -> s.hugePages(Bytes.mebi(2), Bytes.mebi(64))),
        flags(
            "--huge-pages 2m:0 --huge-pages 1g:1g",
            s -> s.hugePages(Bytes.mebi(2), Bytes.ZERO).hugePages(Bytes.gibi(1), Bytes.gibi(1))),
        flags("--cgroup-parent /a/b", s -> s.cgroupParent("/a/b")),
        flags("--cgroup-parent=a", s -> s.cgroupParent("a")),
        flags("--cgroup-parent=", s -> {}),
        flags("--cap-add NET_ADMIN --cap-drop ALL", s -> s.capAdd("NET_ADMIN").capDrop("ALL")),
        flags("--privileged", s -> s.privileged()),
        flags("--security-opt no-new-privileges", s -> s.noNewPrivileges()),
        flags("--security-opt no-new-privileges:true", s -> s.noNewPrivileges()),
        flags("--security-opt seccomp=unconfined", s -> s.seccompUnconfined()),
        flags("--security-opt seccomp=builtin", s -> {}),
        flags("--security-opt seccomp=unconfined --security-opt seccomp:builtin", s -> {}),
        flags(
            "--security-opt seccomp=builtin --security-opt seccomp=unconfined",
            s -> s.seccompUnconfined()),
        flags(
            "--security-opt no-new-privileges --security-opt no-new-privileges=false"
                + " --security-opt systempaths=unconfined",
            s -> s.unmaskPaths()),
        flags("--security-opt systempaths=unconfined", s -> s.unmaskPaths()),
        flags("--network none", s -> {}),
        flags("--net host --network host", s -> s.network(NetworkMode.HOST)),
        flags("--net host", s -> s.network(NetworkMode.HOST)),
        flags("--network none --cgroupns private --ipc private --pid= --uts=", s -> {}),
        flags("--ipc shareable", s -> {}),
        flags("--ipc none", s -> s.noShm()),
        flags("--net container:x", s -> s.networkOf("x")),
        flags(
            "--network container:a --pid container:b --ipc container:c --uts container:d",
            s -> s.networkOf("a").pidOf("b").ipcOf("c").utsOf("d")),
        flags("--pid host --ipc host", s -> s.hostPid().hostIpc()),
        flags("--userns host", s -> {}),
        flags("-a stdout -a STDERR --attach stdin", s -> {}),
        flags("--log-driver json-file", s -> {}),
        flags(
            "--log-driver local --log-opt max-size=1m", s -> s.log(new LogSpec(Bytes.mebi(1), 3))),
        flags("--log-driver none", s -> s.log(new LogSpec(Bytes.ZERO, 3))),
        flags(
            "--security-opt apparmor=unconfined --security-opt label=disable",
            s -> s.apparmor("unconfined")),
        flags(
            "--security-opt apparmor:unconfined --security-opt label:disable",
            s -> s.apparmor("unconfined")),
        flags("--security-opt apparmor=x=y:z", s -> s.apparmor("x=y:z")),
        flags("--privileged --cap-drop MKNOD", s -> s.privileged().capDrop("MKNOD")),
        flags("-h under_score", s -> s.hostname("under_score")),
        flags(
            "--add-host a:1.1.1.1 --add-host a:::1",
            s -> s.extraHost("a", "1.1.1.1").extraHost("a", "::1")),
        flags("--device /dev/a:/opt/b:r", s -> s.device("/dev/a:/opt/b:r")),
        flags("--uts host --cgroupns host", s -> s.hostUts().hostCgroup()),
        flags("--userns-map 100000:200000:65536", s -> s.userMap(100_000, 200_000, 65_536)),
        flags("--time-offset boottime=60", s -> s.timeOffset("boottime", 60)),
        flags("-h box --domainname d", s -> s.hostname("box").domainname("d")),
        flags("--sysctl net.ipv4.ip_forward=1", s -> s.sysctl("net.ipv4.ip_forward", "1")),
        flags(
            "--add-host a:::1 --add-host b=10.0.0.1",
            s -> s.extraHost("a", "::1").extraHost("b", "10.0.0.1")),
        flags(
            "--dns 1.1.1.1 --dns-search a.b --dns-option ndots:2",
            s -> s.dns("1.1.1.1").dnsSearch("a.b").dnsOption("ndots:2")),
        flags("--rm", s -> s.autoRemove()),
        flags("--restart on-failure:3", s -> s.restart(RestartPolicy.onFailure(3))),
        flags("--stop-signal INT", s -> s.stopSignal(Signal.INT)),
        flags("--stop-timeout 3", s -> s.stopTimeout(Duration.ofSeconds(3))),
        flags("--stop-timeout -1", s -> s.stopTimeout(ChronoUnit.FOREVER.getDuration())),
        flags("--timeout 1.5s", s -> s.timeout(Duration.ofMillis(1500))),
        flags("--stop-timeout 2m", s -> s.stopTimeout(Duration.ofMinutes(2))),
        flags("--pull never -q --sig-proxy=false", s -> s.pull(PullPolicy.NEVER)),
        flags("--pull Always", s -> s.pull(PullPolicy.ALWAYS)),
        flags("--pull=missing", s -> s.pull(PullPolicy.MISSING)),
        flags("--timeout 7", s -> s.timeout(Duration.ofSeconds(7))),
        flags(
            "--log-opt max-size=1m --log-opt max-file=2",
            s -> s.log(new LogSpec(Bytes.mebi(1), 2))),
        flags("-d", s -> s.detached()));
  }

  @ParameterizedTest
  @MethodSource("everyFlag")
  void run_flag_isPartOfTheSpecification(String flags, Consumer<ContainerSpecBuilder> same) {
    ContainerSpecBuilder expected = ContainerSpec.image("img").command("prog", "-x", "--rm", "--");
    same.accept(expected);
    List<String> arguments = new ArrayList<>(words(flags));
    arguments.addAll(List.of("img", "prog", "-x", "--rm", "--"));
    assertThat(run(arguments)).isEqualTo(expected.build());
  }

  @Test
  void run_files_areRead() throws Exception {
    Path env = Files.writeString(directory.resolve("env"), "# c\n\nA=1\nB=two words\n");
    Path labels = Files.writeString(directory.resolve("labels"), "l=1\nm\n");
    Path seccomp = Files.writeString(directory.resolve("seccomp"), "{}");
    ContainerSpec spec =
        run(
            List.of(
                "--env-file",
                env.toString(),
                "-e",
                "A=2",
                "--label-file",
                labels.toString(),
                "--security-opt",
                "seccomp=" + seccomp,
                "img"));
    assertThat(spec)
        .isEqualTo(
            ContainerSpec.image("img")
                .env("A", "2")
                .env("B", "two words")
                .label("l", "1")
                .label("m", "")
                .seccomp("{}")
                .build());
  }

  @Test
  void run_shortVolumeWithMissingSource_makesItAsDockerDoes() {
    Path missing = directory.resolve("a/b");
    run(List.of("-v", missing + ":/x", "img"));
    assertThat(missing).isDirectory();
  }

  @Test
  void run_deviceRules_areKept() {
    assertThat(
            run(List.of("--device-cgroup-rule", "c 189:* rwm", "--device-cgroup-rule=b 8:0 r", "i"))
                .deviceRules())
        .containsExactly("c 189:* rwm", "b 8:0 r");
  }

  @Test
  void run_dryRun_makesNoVolumeSource() {
    Path missing = directory.resolve("a");
    run(List.of("--dry-run", "-v", missing + ":/x", "img"));
    assertThat(missing).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--volumes-from one:rx | the mode after the container is ro or rw",
        "--volumes-from :ro | volumes of no container",
        "-e= | invalid environment variable: \"\" has no name",
        "-e =x | invalid environment variable: \"=x\" has no name",
        "--network a --network a | network a contradicts the same network",
        "--network a --network name=b,gw-priority=1 | put that one first",
        "--network name=b,link-local-ip=fe80::1 | comes with a later version",
        "--network name=b,ip6=10.0.0.2 | \"10.0.0.2\" is no IPv6 address",
        "--network b --ip6 10.0.0.2 | \"10.0.0.2\" is no IPv6 address",
        "--network b --ip fd00::2 | \"fd00::2\" is no IPv4 address",
        "--network b --ip6 fd00::2%eth0 | is no IPv6 address",
        "--network none --ip6 fd00::2 | --ip6, --mac-address and --network-alias need a network",
        "--network name=b,ip6=fd00::2 --ip6 fd00::3 | --ip6 and --network name=b,ip6=fd00::2 say both",
        "--network name=b,color=red | \"color=red\" is not known",
        "--network name=b,ip | \"ip\" is no KEY=VALUE",
        "--network ip=10.0.0.2 | it names no network",
        "--network name=b,ip=10.0.0.2 --ip 10.0.0.3 | --ip and --network name=b,ip=10.0.0.2 say both",
        "--network none --net a | a container with none is in no other network",
        "--tmpfs= | --tmpfs \"\": write DIR",
        "--tmpfs :size=1m | write DIR, or DIR:OPTIONS",
        "--network a --mac-address 01:42:ac:1c:00:05 | whose first byte is even",
        "--network bridge --ip 172.17.0.5 | no addresses of one's own choice on the default bridge",
        "--link db | --link db needs a network: name one of both containers",
        "--network host --link db | --link db needs a network",
        "--network bridge --link a:b:c | the link \"a:b:c\" is none: write NAME or NAME:ALIAS",
        "--network bridge --link :b | the link \":b\" is none",
        "--network bridge --link a:b --link c:B | the link c:B contradicts the link a:b",
        "--network bridge --link a/b | the container of a link cannot be \"a/b\"",
        "--network default --network-alias a | no aliases on the default bridge",
        "--network default --network bridge | network bridge contradicts the same network",
        "--pid container: | --pid container: is not there: use host or container:NAME",
        "--ipc shared | use private, shareable, none, host or container:NAME",
        "--cgroupns container:x | use private or host",
        "-h a --network container:x | networkOf x",
        "--security-opt apparmor= | is not known: use",
        "--huge-pages 2m | --huge-pages 2m: write SIZE:LIMIT",
        "--huge-pages 3m:3m | powers of two",
        "--blkio-weight-device /dev/null:500 | /dev/null is not a block device",
        "--blkio-weight-device /dev/null | write DEVICE:VALUE",
        "--blkio-weight-device /dev/null:x | write DEVICE:NUMBER",
        "--blkio-weight-device /dev/null:1001 | --blkio-weight-device lies between 10 and 1000",
        "--device-write-iops /dev/no-such-disk:5 | --device-write-iops: cannot look at /dev/no-such-disk",
        "--cgroup-parent ../x | the cgroup parent \"../x\" has .. in it",
        "--device /dev/kmsg:/dev/ptmx | every container has a /dev/ptmx",
        "--ipc host --shm-size 1m | contradicts",
        "--device /dev/null:/dev/null:x | letters r, w and m",
        "--log-opt tag=x | use max-size and max-file",
        "--userns-map 5 | write UID:GID:SIZE",
        "--sysctl x | write NAME=VALUE",
        "--env-file /no/such | there is no such file",
        "--device-read-bps /dev/null:1m | not a block device",
        "--device-read-bps 1m | write DEVICE:VALUE",
        "--cpus 1 --cpu-quota 5000 | --cpus contradicts --cpu-quota",
        "--cpus 1 --cpu-period 5000 | --cpus contradicts --cpu-quota",
        "--cpu-quota 999 | 1000 microseconds at least, not 999",
        "--cpu-period 999 | between 1000 and 1000000 microseconds, not at 999",
        "--cpu-period 1000001 | between 1000 and 1000000 microseconds, not at 1000001",
        "--device-cgroup-rule c:1:3:r | is not a device rule",
        "--annotation =x | an annotation needs a name",
        "-a output | --attach output is no stream: use stdin, stdout or stderr",
        "--userns keep-id | --userns keep-id is not there: use host, or --userns-map",
        "--userns host --userns-map 1:1:1 | --userns host contradicts --userns-map",
        "--log-driver syslog | use json-file, local or none",
        "--log-driver none --log-opt max-size=1m | --log-driver none contradicts --log-opt",
        "--security-opt label=typ:x | is no label: write label=disable",
        "--rm --restart always | --rm contradicts --restart always",
        "--memory lots | is not a size",
        "--security-opt mask=/ | a masked path is absolute, without . and .., and not the root",
        "--security-opt mask=/a/../b | a masked path is absolute",
        "--oom-kill-disable | --oom-kill-disable: cgroup v2 always kills",
        "--memory-swappiness 60 | --memory-swappiness: cgroup v2 has no swappiness"
      })
  void run_whatIsNotThere_isRefused(String flags, String message) {
    List<String> arguments = new ArrayList<>(words(flags));
    arguments.add("img");
    assertThatThrownBy(() -> run(arguments))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run --timeout soon img | write seconds",
        "run --pids-limit many img | \"many\" is not a whole number",
        "run --gpus all img | --gpus: no vendor's runtime is called",
        "run --kernel-memory 1g img | --kernel-memory: cgroup v2 counts the kernel's memory",
        "run --cpu-rt-period=1 img | --cpu-rt-period: cgroup v2 has no share of real-time",
        "update --cpu-rt-runtime 1 x | --cpu-rt-runtime: cgroup v2 has no share of real-time",
        "run --runtime runc img | --runtime: Pinnace isolates containers itself",
        "run --isolation default img | --isolation: it chooses between kinds of Windows",
        "pull --disable-content-trust img | --disable-content-trust: signatures are not looked at",
        "run --use-api-socket img | --use-api-socket: there is no daemon",
        "rm -l x | -l: a link goes with its container",
        "rm --link x | --link: a link goes with its container",
        "run --root /x img | --root: it goes before the subcommand",
        "run --no-such-flag img | unknown flag --no-such-flag",
        "run --cpus many img | --cpus",
        "run --pull sometimes img | \"sometimes\" is none of always, missing, never",
        "inspect --type plugin img | \"plugin\" is none of container, image",
        "run | IMAGE",
        "rm | CONTAINER",
        "tag one two three | unexpected argument \"three\""
      })
  void commandLine_whatIsNotUnderstood_125(String arguments, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err));
    assertThat(line.execute(arguments.split(" ", -1))).isEqualTo(125);
    assertThat(err.toString()).startsWith("pinnace: ").contains(message, "--help");
  }

  @Test
  void commandLine_hintOfAnotherCommand_isNotGiven() {
    StringWriter err = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setErr(new PrintWriter(err));
    assertThat(line.execute("images", "--attach")).isEqualTo(125);
    assertThat(err.toString()).startsWith("pinnace: unknown flag --attach\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"help run", "run --help"})
  void commandLine_help_hasOneLineOfUsage(String arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setOut(new PrintWriter(out));
    assertThat(line.execute(arguments.split(" ", -1))).isZero();
    assertThat(out.toString().lines().toList())
        .startsWith(
            "Usage: pinnace run [OPTIONS] IMAGE [ARG...]", "Makes a container and starts it.");
  }

  @Test
  void commandLine_version_opensNothing() {
    StringWriter out = new StringWriter();
    CommandLine line = PinnaceCommand.commandLine().setOut(new PrintWriter(out));
    assertThat(line.execute("--root", "/proc/no/such", "--version")).isZero();
    assertThat(out.toString()).startsWith("Pinnace version ");
  }

  private static ContainerSpec run(List<String> arguments) {
    List<String> all = new ArrayList<>(List.of("run"));
    all.addAll(arguments);
    CommandLine.ParseResult result =
        PinnaceCommand.commandLine().parseArgs(all.toArray(String[]::new));
    return ((RunCommand) result.subcommand().commandSpec().userObject()).spec();
  }

  private static List<String> words(String flags) {
    return flags.isEmpty() ? List.of() : List.of(flags.split(" ", -1));
  }

  @Test
  void cidfile_inADirectoryThatIsNotThere_isRefusedBeforeAnythingIsMade() {
    assertThatThrownBy(() -> run(List.of("--cidfile", "/no/such/cid", "image")))
        .hasMessage(
            "--cidfile /no/such/cid cannot be written: name a file in a directory that can");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--env-file", "--label-file", "--security-opt"})
  @Timeout(20)
  void files_withoutEnd_areRefused(String flag) {
    String value = flag.equals("--security-opt") ? "seccomp=/dev/zero" : "/dev/zero";
    assertThatThrownBy(() -> run(List.of(flag, value, "image")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("/dev/zero is longer than 4 MiB");
  }
}

package dev.pinnace.internal.isolation.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.container.ConfigFactory;
import dev.pinnace.internal.container.EtcFiles;
import dev.pinnace.internal.container.Users;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.SupervisorPolicy;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Ulimit;
import dev.pinnace.spi.storage.RootMount;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whole plans as text, so that a change of policy is seen in a diff. After an intended change run
 * the test with {@code -Dpinnace.golden=src/test/resources} in {@code core}, which writes the files
 * anew, and review them.
 */
class PlanGoldenTest {
  private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
  private static final Path ROOT = Path.of("/var/lib/pinnace");
  private static final Set<String> ALL =
      Capability.ALL.stream().map(Capability::capName).collect(Collectors.toUnmodifiableSet());

  /** Stands for a filter: its code has golden files of its own. */
  private static final FilterProgram FILTER = new FilterProgram(new byte[8], 2, false);

  private static HostFacts host(int uid, Set<String> capabilities) {
    return host(uid, capabilities, uid == 0);
  }

  private static HostFacts host(int uid, Set<String> capabilities, boolean deviceRules) {
    return host(
        uid, capabilities, deviceRules, List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));
  }

  private static HostFacts host(
      int uid, Set<String> capabilities, boolean deviceRules, List<String> thermalThrottle) {
    return new HostFacts(
        uid,
        uid,
        capabilities,
        40,
        6,
        1,
        false,
        uid == 0,
        deviceRules,
        thermalThrottle,
        Optional.empty());
  }

  private static ContainerSpecBuilder spec() {
    return ContainerSpec.image("test").name("web").command("sh", "-c", "echo hello");
  }

  private static RuntimeConfig config(ContainerSpec spec) {
    return config(spec, Users.Identity.ROOT);
  }

  private static RuntimeConfig config(ContainerSpec spec, Users.Identity identity) {
    ExecutionConfig image = ExecutionConfig.of(List.of("LANG=C.UTF-8"), List.of("sh"));
    RuntimeConfig kept = new ConfigFactory(spec, image, ALL, true).create(ID, identity);
    return kept.withMounts(EtcFiles.at(ROOT.resolve("containers/" + ID.hex()), kept.mounts()));
  }

  private static RootMount overlay() {
    Path container = ROOT.resolve("layers/overlayfs/containers/" + ID.hex());
    return new RootMount.Overlay(
        List.of(ROOT.resolve("layers/overlayfs/top"), ROOT.resolve("layers/overlayfs/base")),
        ROOT.resolve("layers/overlayfs/l"),
        List.of("b", "a"),
        container.resolve("upper"),
        container.resolve("work"),
        false,
        false);
  }

  private static LaunchPlan compile(ContainerSpec spec, HostFacts host, RootMount root) {
    return compile(spec, host, root, false);
  }

  private static LaunchPlan compile(
      ContainerSpec spec, HostFacts host, RootMount root, boolean held) {
    return compile(
        config(spec, host.rootful() ? Users.Identity.ROOT : Users.Identity.ONLY_ROOT),
        spec,
        host,
        root,
        held);
  }

  private static LaunchPlan compile(RuntimeConfig config, ContainerSpec spec) {
    return compile(config, spec, host(0, ALL), overlay(), false);
  }

  private static LaunchPlan compile(
      RuntimeConfig config, ContainerSpec spec, HostFacts host, RootMount root, boolean held) {
    return ContainerPlan.compile(
        new PlanRequest(
            config,
            root,
            ROOT.resolve("containers/" + ID.hex() + "/logs"),
            host.cgroups() ? Optional.of(ID.hex()) : Optional.empty(),
            Optional.of(FILTER),
            spec.process().init(),
            held,
            Optional.empty(),
            SupervisorPolicy.builder()
                .set(SupervisorPolicy.Flag.BOUND, true)
                .set(SupervisorPolicy.Flag.OUTER_PID, true)
                .stop(15, Duration.ofSeconds(10))
                .log(Bytes.mebi(10).count(), 5)),
        host);
  }

  private static void compare(String name, LaunchPlan plan) throws IOException {
    compare(name, plan.render());
  }

  private static void compare(String name, String plan) throws IOException {
    String golden = System.getProperty("pinnace.golden");
    if (golden != null) {
      Path file =
          Path.of(golden)
              .resolve(PlanGoldenTest.class.getPackageName().replace('.', '/'))
              .resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, plan);
      return;
    }
    try (InputStream in = PlanGoldenTest.class.getResourceAsStream(name)) {
      assertThat(in).as("the golden file %s is there: see the class's comment", name).isNotNull();
      assertThat(plan).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void container_byDefault() throws Exception {
    compare("default.plan", compile(spec().build(), host(0, ALL), overlay()));
  }

  private static RuntimeConfig withBinds(ContainerSpec spec) {
    List<RuntimeConfig.Mount> mounts =
        List.of(
            bind("/shared", "/srv/shared", "rshared"),
            bind("/slave", "/srv/slave", "rslave", "ro"),
            bind("/plain", "/srv/plain", "bind", "ro", "x-pinnace.writable-below"),
            bind("/below", "/srv/volume", "x-pinnace.subpath=a/b", "x-pinnace.file"));
    RuntimeConfig plain = config(spec);
    return plain.withMounts(Stream.concat(mounts.stream(), plain.mounts().stream()).toList());
  }

  private static RuntimeConfig.Mount bind(String at, String source, String... options) {
    return new RuntimeConfig.Mount(at, "bind", source, List.of(options));
  }

  /** The steps that concern binds of {@code /srv}, without their numbers. */
  private static String binds(LaunchPlan plan) {
    return plan.render()
        .lines()
        .filter(
            line ->
                line.matches("[a-z]+")
                    || line.matches(".*(/srv|(on|to) /(shared|slave|plain|below)).*")
                    || line.contains("all mounts private")
                    || line.contains("join the container's user namespace"))
        .map(line -> line.replaceFirst("^ *[0-9]+ +", "  "))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  @Test
  void container_bindsThatPropagate() throws Exception {
    ContainerSpec spec = spec().build();
    compare("binds.plan", binds(compile(withBinds(spec), spec)));
  }

  @Test
  void container_bindsThatPropagate_inAUserNamespace() throws Exception {
    ContainerSpec spec = spec().userMap(100_000, 100_000, 65_536).build();
    compare("binds-userns.plan", binds(compile(withBinds(spec), spec)));
  }

  /** What propagates and who owns waits in registers: as many as are permitted must fit. */
  @Test
  void container_withAllThatWaitsInRegisters_isCompiled() {
    for (boolean mapped : List.of(true, false)) {
      ContainerSpecBuilder builder = spec().terminal().init().timeOffset("monotonic", 1).user("1");
      ContainerSpec spec =
          (mapped ? builder.userMap(100_000, 100_000, 65_536) : builder.hostPid()).build();
      RuntimeConfig plain = config(spec);
      List<RuntimeConfig.Mount> mounts = new ArrayList<>(plain.mounts());
      for (int i = 0; i < 12; i++) {
        String owner = "x-pinnace.owner=" + (i % 4 + 1) + ":1";
        mounts.add(bind("/m" + i, "/srv/" + i, "rslave", owner, "x-pinnace.subpath=x"));
      }
      mounts.add(bind("/plain", "/srv/plain", "x-pinnace.owner=1:1"));
      LaunchPlan plan = compile(plain.withMounts(mounts), spec);
      assertThat(plan.render())
          .contains("$owner3", "$propagating11")
          .doesNotContain("$owner4", "$propagating12");
    }
  }

  @Test
  void container_held_goesNoFurtherThanToItsGate() {
    String plan = compile(spec().build(), host(0, ALL), overlay(), true).render();
    assertThat(plan)
        .containsSubsequence("say that the container is set up", "wait for its end", "execute sh");
  }

  @Test
  void container_inAUserNamespace() throws Exception {
    ContainerSpec spec = spec().userMap(100_000, 100_000, 65_536).build();
    compare("userns.plan", compile(spec, host(0, ALL), new RootMount.Bind(ROOT.resolve("tree"))));
  }

  @Test
  void container_ofAnOrdinaryUser() throws Exception {
    RootMount tree = new RootMount.Bind(ROOT.resolve("tree"));
    compare("rootless.plan", compile(spec().build(), host(1000, Set.of()), tree));
  }

  @Test
  void workingDirectory_isMadeBeforeTheRootIsReadOnly() {
    ContainerSpec spec = spec().readOnly().workdir("/made").build();
    assertThat(compile(spec, host(0, ALL), overlay()).render())
        .containsSubsequence(
            "pivot_root(",
            "find the working directory /made, or make it",
            "make the root read-only",
            "go to the working directory /made",
            "check that the working directory");
  }

  /** Inside nobody may raise them. */
  @Test
  void limits_haveRoomBeforeAUserNamespaceIsJoined() {
    ContainerSpecBuilder limited =
        spec().ulimit(Ulimit.parse("nofile=100:200")).ulimit(Ulimit.parse("msgqueue=1:2"));
    assertThat(compile(limited.build(), host(0, ALL), overlay()).render())
        .doesNotContain("make room");
    ContainerSpec mapped = limited.userMap(100_000, 100_000, 65_536).build();
    String[] room = {"{65536, 65536}", "make room for RLIMIT_NOFILE", "{-1, -1}", "setns("};
    String[] set = {"{100, 200}", "set RLIMIT_NOFILE to 100:200", "set RLIMIT_MSGQUEUE to 1:2"};
    assertThat(compile(mapped, host(0, ALL), overlay()).render())
        .containsSubsequence(room)
        .containsSubsequence(set);
    RuntimeConfig config = config(mapped);
    assertThat(
            ExecPlan.compile(config, config.process(), true, Optional.empty(), host(0, ALL))
                .render())
        .containsSubsequence(room)
        .containsSubsequence(set);
  }

  /** Inside nobody may lower it, nor in a user namespace write it at all. */
  @Test
  void oomScore_isSetBeforeAUserNamespaceIsJoined() {
    RootMount tree = new RootMount.Bind(ROOT.resolve("tree"));
    ContainerSpec spec = spec().oomScoreAdj(-5).userMap(100_000, 100_000, 65_536).build();
    String[] order = {"stage", "set oom_score_adj to -5", "close the host's /proc", "setns("};
    assertThat(compile(spec, host(0, ALL), tree).render())
        .containsSubsequence(order)
        .doesNotContain("PR_SET_DUMPABLE, 1");
    RuntimeConfig config = config(spec);
    assertThat(
            ExecPlan.compile(config, config.process(), true, Optional.empty(), host(0, ALL))
                .render())
        .containsSubsequence(order);
    assertThat(compile(spec().oomScoreAdj(5).build(), host(1000, Set.of()), tree).render())
        .containsSubsequence(
            "stage",
            "PR_SET_DUMPABLE, 1",
            "set oom_score_adj to 5",
            "PR_SET_DUMPABLE, 0",
            "clone(");
  }

  @Test
  void exec_inADefaultContainer() throws Exception {
    RuntimeConfig config = config(spec().build());
    compare(
        "exec.plan",
        ExecPlan.compile(config, config.process(), true, Optional.of(FILTER), host(0, ALL)));
  }

  @Test
  void container_withATerminal_hasOneOfItsOwn() {
    RuntimeConfig config =
        config(spec().terminal().user("7").build(), new Users.Identity(7, 7, List.of(), "/"))
            .withConsoleSize(Optional.of(new RuntimeProcess.ConsoleSize(30, 90)));
    String plan = compile(config, spec().terminal().build()).render();
    assertThat(plan)
        .containsSubsequence(
            "attach the mount on /dev/pts",
            "open a terminal",
            "open the terminal's other end",
            "set the terminal's size",
            "give the terminal to user 7",
            "hand the terminal over",
            "mount /dev/console",
            "attach the mount on /dev/shm",
            "connect standard input to the terminal",
            "take the terminal as the session's own",
            "execute sh")
        .doesNotContain("connect standard input\n");
    assertThat(compile(spec().terminal().init().build(), host(0, ALL), overlay()).render())
        .containsSubsequence(
            "split off process 1", "begin the program's session", "as the session's own");
  }

  @Test
  void exec_withATerminal_looksAtWhatThatIs() {
    RuntimeConfig config = config(spec().terminal().build());
    String plan =
        ExecPlan.compile(config, config.process(), true, Optional.of(FILTER), host(0, ALL))
            .render();
    assertThat(plan)
        .containsSubsequence(
            "stage",
            "check that the container's /dev/pts has terminals",
            "open a terminal",
            "hand the terminal over",
            "connect standard input to the terminal",
            "child",
            "begin a session",
            "take the terminal as the session's own",
            "execute sh");
  }

  /** A tracer in the container must not meet a process that may still load filters. */
  @Test
  void exec_amongTracers_isFilteredBeforeItIsSeen() {
    RuntimeConfig config = config(spec().capAdd("SYS_PTRACE").build());
    String plan =
        ExecPlan.compile(config, config.process(), true, Optional.of(FILTER), host(0, ALL))
            .render();
    assertThat(plan)
        .containsSubsequence("stage", "filter(", "take the final capabilities", "clone(", "child");
    assertThat(plan.substring(plan.indexOf("child"))).doesNotContain("filter(", "capset(");
  }

  @Test
  void container_withoutDeviceRules_hasNoDevicesButThoseInDev() {
    assertThat(compile(spec().build(), host(0, ALL, false), overlay()).render())
        .doesNotContain("devices(")
        .containsSubsequence("let no device node of the root work", "pivot_root(");
    assertThat(compile(spec().privileged().build(), host(0, ALL, false), overlay()).render())
        .doesNotContain("let no device node of the root work");
  }

  @Test
  void container_onAHostOfManyProcessors_needsNoMoreSteps() {
    List<String> throttles =
        IntStream.range(0, 512)
            .mapToObj(cpu -> "/sys/devices/system/cpu/cpu" + cpu + "/thermal_throttle")
            .toList();
    LaunchPlan large = compile(spec().build(), host(0, ALL, true, throttles), overlay());
    LaunchPlan small = compile(spec().build(), host(0, ALL), overlay());
    assertThat(large.size(Section.CHILD)).isEqualTo(small.size(Section.CHILD));
    assertThat(new String(large.encode(1), StandardCharsets.UTF_8))
        .contains("sys/devices/system/cpu/cpu511/thermal_throttle\0");
    assertThat(large.render()).contains("/* 504 more */", "hide /proc/acpi and 523 more");
  }

  @Test
  void plan_isTheSame_eachTime() {
    byte[] first = compile(spec().build(), host(0, ALL), overlay()).encode(1);
    byte[] second = compile(spec().build(), host(0, ALL), overlay()).encode(1);
    assertThat(first).isEqualTo(second);
  }

  private static final String OTHER = "ab".repeat(32);

  @Test
  void container_thatSharesAll_isSetUpBeforeItsFirstProcessIsThere() throws Exception {
    ContainerSpec spec = spec().networkOf(OTHER).pidOf(OTHER).ipcOf(OTHER).utsOf(OTHER).build();
    compare("shared.plan", compile(spec, host(0, ALL), overlay()));
  }

  /** Nobody in a user namespace can trace it: it loads its filter last, as elsewhere. */
  @Test
  void container_thatSharesProcessesInAUserNamespace_hasANetworkThereAtEachRun() {
    ContainerSpec spec = spec().pidOf(OTHER).userMap(100_000, 100_000, 65_536).build();
    String plan = compile(spec, host(0, ALL), new RootMount.Bind(ROOT.resolve("tree"))).render();
    assertThat(plan)
        .doesNotContain("make the container's user namespace")
        .containsSubsequence(
            "stage",
            "join the pid namespace of container abababababab",
            "join the container's user namespace",
            "CLONE_NEWNET",
            "bring the loopback interface up",
            "clone(",
            "child",
            "filter(");
  }

  @Test
  void container_ofAnOrdinaryUserThatShares_joinsTheUserNamespace() {
    RootMount tree = new RootMount.Bind(ROOT.resolve("tree"));
    ContainerSpec spec = spec().networkOf(OTHER).ipcOf(OTHER).build();
    assertThat(compile(spec, host(1000, Set.of()), tree).render())
        .doesNotContain("map this user to root")
        .containsSubsequence(
            "enter",
            "join the user namespace of container abababababab",
            "stage",
            "go into a mount namespace of its own",
            "copy /dev/shm of container abababababab",
            "go back to this mount namespace",
            "join the IPC namespace of container abababababab",
            "join the other container's network namespace",
            "clone the container's first process",
            "child",
            "attach the mount on /dev/shm");
  }

  @Test
  void exec_withAFilterThatLetsItBegin_hasItBeforeItIsSeen() {
    RuntimeConfig config = config(spec().build());
    FilterProgram filter = new FilterProgram(new byte[8], 0, true);
    String plan =
        ExecPlan.compile(config, config.process(), true, Optional.of(filter), host(0, ALL))
            .render();
    assertThat(plan.substring(plan.indexOf("child"))).doesNotContain("filter(", "capset(");
  }
}

package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The supervisor: start, stop, restart, limits, logs, execs and its protocol. */
@Tag("vm-too")
class SupervisorTest {
  private static final String FOREVER = "exec sleep 60";
  private static final int SIGNAL = 4;
  private static final int STOP = 5;

  /** Connections beside the first client's. */
  private static final int LISTENED_TO = 127;

  @TempDir Path directory;

  private Launched run(SupervisorPolicy.Builder policy, String script) {
    return Launched.of(directory, TestPlans.script(policy, script));
  }

  @Test
  void start_tellsAndRecordsTheEnd() throws IOException {
    try (Launched launched = run(TestPlans.policy(), "echo out; echo err >&2; sleep 0.1; exit 7")) {
      assertThat(launched.await(Launched.STARTED).descriptors()).hasSize(2);
      launched.send(6, 3);
      assertThat(launched.await(Launched.EXIT).payload().remaining()).isEqualTo(96);
      Launched.ExitBytes record = launched.end();
      assertThat(record.isWhole()).isTrue();
      assertThat(List.of(record.code(), record.signal(), record.flags())).containsExactly(7, 0, 0);
      assertThat(record.written()).isEqualTo(8);
      assertThat(launched.output(1)).isEqualTo("out\n");
      assertThat(launched.output(2)).isEqualTo("err\n");
    }
  }

  @Test
  void gate_isOpenedByStart() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    TestPlans.clone(plan);
    TestPlans.streams(plan);
    TestPlans.child(plan, "say so").sync(42);
    TestPlans.child(plan, "wait").await(Register.GATE, 10_000);
    TestPlans.shell(plan, "exit 3");
    try (Launched launched = Launched.of(directory, plan.build())) {
      assertThat(launched.await(Launched.REACHED).word(0)).isEqualTo(42);
      launched.send(7, 1);
      assertThat(launched.next().word(0)).as("state").isEqualTo(1);
      launched.send(2, 2);
      assertThat(launched.next().type()).isEqualTo(0x82);
      assertThat(launched.end().code()).isEqualTo(3);
    }
  }

  @Test
  void stop_signalsThenKills() throws IOException {
    try (Launched launched =
        run(TestPlans.policy(), "trap '' TERM; while :; do echo up; sleep 0.01; done")) {
      launched.await(Launched.STARTED);
      launched.send(8, 1);
      launched.await(Launched.LOG);
      launched.send(STOP, 2, 0, 100);
      assertThat(launched.await(0x85).id()).isEqualTo(2);
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.signal(), record.flags()))
          .containsExactly(137, 9, 4);
    }
  }

  @Test
  void stop_duringSetup_cancelsIt() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    TestPlans.clone(plan);
    TestPlans.child(plan, "wait").await(Register.GATE, 60_000);
    TestPlans.shell(plan, "exit 3");
    try (Launched launched = Launched.of(directory, plan.build())) {
      launched.send(STOP, 1, 0, 0);
      assertThat(launched.await(Launched.FAILED).word(2)).isEqualTo(125);
      assertThat(launched.end().flags()).isEqualTo(4 | 16);
    }
  }

  /** A container that has run once, and whose second run waits in its set-up. */
  private Launched restarting() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ALWAYS, 0);
    return inItsSecondSetUp(Launched.of(directory, waitingAgain(plan.policy(policy.build()), "")));
  }

  /** Runs a script, and at the next start waits in its set-up. */
  private LaunchPlan waitingAgain(LaunchPlan.Builder plan, String script) {
    Path fifo = directory.resolve("fifo");
    Register waited = plan.register("waited");
    plan.in(Section.STAGE).to("clone").cloneChild(Operand.of(0), Register.CGROUP);
    TestPlans.streams(plan);
    TestPlans.child(plan, "open what the first run makes")
        .into(waited)
        .tolerating(Errno.ENOENT)
        .call(
            "openat",
            TestPlans.HERE,
            plan.text(fifo.toString()),
            Operand.flags(Constants.O_RDWR),
            Operand.of(0));
    TestPlans.child(plan, "wait").await(waited, 60_000);
    TestPlans.shell(plan, script + "mkfifo '" + fifo + "'; exit 3");
    return plan.build();
  }

  private static Launched inItsSecondSetUp(Launched launched) {
    launched.await(Launched.STARTED);
    for (int state = 0, restarts = 0; state != 1 || restarts != 1; launched.sleep(10)) {
      launched.send(7, 100);
      Launched.Frame frame = launched.await(0x87);
      state = frame.word(0);
      restarts = frame.word(1);
    }
    return launched;
  }

  private static void wasStoppedAfterItsFirstRun(Launched launched) throws IOException {
    Launched.ExitBytes record = launched.end();
    assertThat(record.isWhole()).isTrue();
    assertThat(List.of(record.code(), record.flags(), record.restarts())).containsExactly(3, 4, 0);
  }

  @Test
  void stop_duringTheSetupOfARestart_keepsHowTheLastRunEnded() throws IOException {
    try (Launched launched = restarting()) {
      launched.send(STOP, 1, 0, 0);
      assertThat(launched.await(0x85).id()).isEqualTo(1);
      wasStoppedAfterItsFirstRun(launched);
    }
  }

  @Test
  @Tag("vm")
  void stop_duringTheSetupOfARestart_keepsThatMemoryRanOut() throws IOException {
    Path all = Path.of("/sys/fs/cgroup");
    Path cgroups = Files.createDirectory(all.resolve("supervisor-test"));
    Files.writeString(all.resolve("cgroup.subtree_control"), "+memory");
    Files.writeString(cgroups.resolve("cgroup.subtree_control"), "+memory");
    Path own = Files.createDirectory(cgroups.resolve("own"));
    Files.writeString(own.resolve("memory.max"), "16M");
    LaunchPlan.Builder plan = LaunchPlan.builder();
    SupervisorPolicy.Builder policy =
        TestPlans.policy()
            .restart(SupervisorPolicy.Restart.ALWAYS, 0)
            .set(SupervisorPolicy.Flag.CGROUP, true)
            .cgroupName(plan.offsetOf("own"));
    String script = "head -c 64M /dev/zero | tail >/dev/null; ";
    try (Launched launched =
        Launched.below(cgroups, directory, waitingAgain(plan.policy(policy.build()), script))) {
      inItsSecondSetUp(launched);
      launched.send(STOP, 1, 0, 0);
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.flags(), record.restarts()))
          .containsExactly(3, 1 | 4, 0);
    } finally {
      Files.delete(cgroups);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 15})
  void endingSignal_duringTheSetupOfARestart_endsIt(int signal) throws IOException {
    try (Launched launched = restarting()) {
      launched.send(SIGNAL, 1, signal, 0);
      assertThat(launched.await(0x84).id()).isEqualTo(1);
      wasStoppedAfterItsFirstRun(launched);
    }
  }

  @Test
  void otherSignal_duringTheSetupOfARestart_isRefused() throws IOException {
    try (Launched launched = restarting()) {
      launched.send(SIGNAL, 1, 10, 0);
      assertThat(launched.await(0xE0).word(0)).isEqualTo(Errno.ESRCH);
      launched.send(STOP, 2, 0, 0);
      wasStoppedAfterItsFirstRun(launched);
    }
  }

  @Test
  void restart_onFailure_countsAndEnds() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ON_FAILURE, 2);
    try (Launched launched = run(policy, "echo run; exit 1")) {
      for (int restarts = 0; restarts <= 2; restarts++) {
        assertThat(launched.await(Launched.STARTED).word(0)).isEqualTo(restarts);
      }
      assertThat(launched.end().restarts()).isEqualTo(2);
      assertThat(launched.output(1)).isEqualTo("run\n".repeat(3));
    }
  }

  @Test
  void restart_afterSuccess_doesNotHappenOnFailureOnly() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ON_FAILURE, 0);
    try (Launched launched = run(policy, "exit 0")) {
      assertThat(launched.end().restarts()).isZero();
    }
  }

  @Test
  void stop_beatsRestart() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ALWAYS, 0);
    try (Launched launched = run(policy, FOREVER)) {
      launched.await(Launched.STARTED);
      launched.send(STOP, 1, 9, 0);
      assertThat(launched.end().restarts()).isZero();
    }
  }

  @Test
  void wallClock_endsIt() throws IOException {
    try (Launched launched = run(TestPlans.policy().wallClock(Duration.ofMillis(50)), FOREVER)) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.flags())).containsExactly(137, 2);
    }
  }

  @Test
  void lifeline_endsABoundContainer() throws IOException {
    SupervisorPolicy.Builder policy = TestPlans.policy().set(SupervisorPolicy.Flag.BOUND, true);
    try (Launched launched = run(policy, FOREVER)) {
      launched.await(Launched.STARTED);
      launched.endLifeline();
      assertThat(launched.end().flags()).isEqualTo(32);
    }
  }

  @Test
  void killedSupervisor_takesTheContainerAlong() {
    assumeTrue(LauncherStepsTest.isRoot(), "needs root: a pid namespace");
    try (Launched launched =
        Launched.of(directory, TestPlans.ownPids(TestPlans.policy(), FOREVER))) {
      List<Fd> pidfds = launched.await(Launched.STARTED).descriptors();
      Pidfd container = new Pidfd(pidfds.get(1));
      assertThat(new Pidfd(pidfds.get(0)).signal(9)).isTrue();
      Launched.awaitEnd(container);
    }
  }

  @Test
  void log_rotates() throws IOException {
    String script =
        "for i in 1 2 3 4 5 6; do head -c 700 /dev/zero | tr '\\0' $i; sleep 0.02; done";
    try (Launched launched = run(TestPlans.policy().log(1000, 3), script)) {
      Launched.ExitBytes record = launched.end();
      assertThat(record.written()).isEqualTo(6 * 700);
      assertThat(launched.log("log").get(0).data()).isEqualTo("6".repeat(700));
      assertThat(launched.log("log.2").get(0).data()).isEqualTo("4".repeat(700));
      assertThat(launched.log("log.2").get(0).flags())
          .as("unfinished, and begun before")
          .isEqualTo(1 | 2);
      assertThat(directory.resolve("logs/log.3")).doesNotExist();
    }
  }

  @Test
  void log_ofSmallFiles_takesWhatIsLeftInThePipe() throws IOException {
    try (Launched launched =
        run(TestPlans.policy().log(1000, 2), "head -c 250000 /dev/zero; exit 1")) {
      assertThat(launched.end().written()).isEqualTo(250_000);
      assertThat(Files.size(directory.resolve("logs/log.1"))).isEqualTo(1000);
    }
  }

  @Test
  void cappedLog_keepsItsHead() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().log(100, 1).set(SupervisorPolicy.Flag.CAPPED, true);
    try (Launched launched = run(policy, "head -c 250 /dev/zero; exit 4")) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.written(), record.dropped())).containsExactly(100L, 150L);
      assertThat(List.of(record.flags(), record.code())).containsExactly(8, 4);
    }
  }

  @Test
  void cappedLog_canEndTheContainer() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy()
            .log(1000, 1)
            .set(SupervisorPolicy.Flag.CAPPED, true)
            .set(SupervisorPolicy.Flag.KILL_ON_CAP, true);
    try (Launched launched = run(policy, "exec yes")) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.flags())).containsExactly(137, 8);
      assertThat(record.written()).isEqualTo(1000);
    }
  }

  @Test
  void tornLog_isSetAside() throws IOException {
    Files.createDirectories(directory.resolve("logs"));
    Files.writeString(directory.resolve("logs/log"), "half a frame");
    try (Launched launched = run(TestPlans.policy(), "echo whole")) {
      launched.end();
      assertThat(launched.output(1)).isEqualTo("whole\n");
      assertThat(directory.resolve("logs/log.1")).hasContent("half a frame");
    }
  }

  @Test
  void logThatCannotBeWritten_isCountedAndNoted() throws IOException {
    Path inTheWay = Files.createDirectories(directory.resolve("logs/log"));
    Path told = directory.resolve("told");
    String script =
        ("echo lost; : >'%s'; while [ -d '%s' ]; do sleep 0.01; done;"
                + " sleep 0.3; echo too; sleep 0.3; echo too")
            .formatted(told, inTheWay);
    try (Launched launched = run(TestPlans.policy(), script)) {
      launched.await(Launched.STARTED);
      while (Files.notExists(told)) {
        launched.sleep(10);
      }
      // The supervisor reads what is written before the question that comes after it.
      launched.send(7, 1);
      launched.await(0x87);
      Files.delete(inTheWay);
      Launched.ExitBytes record = launched.end();
      assertThat(record.dropped()).isGreaterThanOrEqualTo(5);
      assertThat(record.dropped() + record.written()).isEqualTo(13);
      assertThat(launched.output(3))
          .isEqualTo(record.dropped() + " bytes of output were dropped: the disk was full\n");
      assertThat(launched.output(1)).endsWith("too\n");
    }
  }

  /** ramfs knows no fallocate(2), and no limit either. */
  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ramfs"})
  void exitRecord_isWrittenOnADiskThatBecameFull(String type) throws IOException {
    assumeTrue(LauncherStepsTest.isRoot(), "needs root: a file system of its own");
    try (FileSystemContext context = FileSystemContext.open(type)) {
      if (type.equals("tmpfs")) {
        context.set("size", "65536");
      }
      try (DetachedMount disk = context.create().mount(0);
          Dir root = disk.root()) {
        Path place = Path.of(root.fd().procPath());
        SupervisorPolicy.Builder policy = TestPlans.policy();
        try (Launched launched = Launched.of(place, TestPlans.script(policy, FOREVER))) {
          launched.await(Launched.STARTED);
          assertThat(place.resolve("exit.tmp")).hasSize(96);
          assertThat(place.resolve("exit")).doesNotExist();
          if (type.equals("tmpfs")) {
            assertThatThrownBy(() -> Files.write(place.resolve("full"), new byte[1 << 17]))
                .hasMessageContaining("No space left");
          }
          launched.send(STOP, 1, 9, 0);
          Launched.ExitBytes record = launched.end();
          assertThat(record.isWhole()).isTrue();
          assertThat(record.code()).isEqualTo(137);
          assertThat(place.resolve("exit.tmp")).doesNotExist();
        }
      }
    }
  }

  @Test
  void sections_failAsTheyAreNumbered() throws IOException {
    List<Section> sections = List.of(Section.ENTER, Section.PREPARE, Section.BEFORE, Section.STAGE);
    for (int number = 0; number < sections.size(); number++) {
      LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
      plan.in(sections.get(number))
          .to("fail")
          .call("unlinkat", TestPlans.HERE, plan.text("/nonexistent"), Operand.of(0));
      TestPlans.clone(plan);
      TestPlans.shell(plan, "exit 0");
      try (Launched launched = Launched.of(directory, plan.build())) {
        Launched.Frame failed = launched.await(Launched.FAILED);
        assertThat(List.of(failed.word(0), failed.word(1), failed.word(2)))
            .containsExactly(number, 0, Errno.ENOENT);
      }
    }
  }

  @Test
  void teardown_runsAfterTheLastExit() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    Path mark = directory.resolve("mark");
    TestPlans.clone(plan);
    TestPlans.shell(plan, "exit 0");
    plan.in(Section.TEARDOWN)
        .to("leave a mark")
        .call("mkdirat", TestPlans.HERE, plan.text(mark.toString()), Operand.mode(0700));
    try (Launched launched = Launched.of(directory, plan.build())) {
      launched.end();
      assertThat(mark).isDirectory();
    }
  }

  @Test
  void state_comesWithTheRootDirectory() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    Register root = plan.register("root");
    TestPlans.clone(plan);
    TestPlans.child(plan, "open the root")
        .into(root)
        .call(
            "openat",
            TestPlans.HERE,
            plan.text(directory.toString()),
            Operand.flags(Constants.O_PATH),
            Operand.of(0));
    TestPlans.child(plan, "send it").send(root, 0);
    TestPlans.shell(plan, FOREVER);
    try (Launched launched = Launched.of(directory, plan.build())) {
      launched.await(Launched.STARTED);
      launched.send(7, 1);
      List<Fd> descriptors = launched.next().descriptors();
      assertThat(descriptors).hasSize(3);
      assertThat(Path.of(descriptors.get(2).procPath()).toRealPath())
          .isEqualTo(directory.toRealPath());
    }
  }

  private static LaunchPlan exec(String script) {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    TestPlans.clone(plan);
    TestPlans.streams(plan);
    TestPlans.shell(plan, script);
    return plan.build();
  }

  @Test
  void exec_tellsStartAndEnd() throws IOException {
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd plan = Memfd.sealed("plan", Launched.encode(exec("echo from exec; exit 5")))) {
      launched.await(Launched.STARTED);
      for (int id = 100; id < 200; id++) {
        launched.exec(id, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
        Launched.Frame started = launched.next();
        assertThat(List.of(started.type(), started.id())).containsExactly(0x83, id);
        Launched.Frame ended = launched.next();
        assertThat(List.of(ended.type(), ended.id(), ended.word(0), ended.word(1)))
            .containsExactly(Launched.EXITED, id, 5, 0);
      }
      byte[] text = new byte[10];
      assertThat(out.readEnd().read(text, 0, 10)).isEqualTo(10);
      assertThat(new String(text, StandardCharsets.UTF_8)).isEqualTo("from exec\n");
    }
  }

  @Test
  void exec_signalled_namesTheSignal() {
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd plan = Memfd.sealed("plan", Launched.encode(exec(FOREVER)))) {
      launched.await(Launched.STARTED);
      launched.exec(9, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
      launched.await(0x83);
      launched.send(4, 10, 15, 9);
      launched.await(0x84);
      Launched.Frame ended = launched.await(Launched.EXITED);
      assertThat(List.of(ended.word(0), ended.word(1))).containsExactly(143, 15);
    }
  }

  @Test
  void exec_ofAPlanForAnotherBuild_runs_andOfAnotherVersionDoesNot() {
    byte[] own = Launched.encode(exec("exit 5"));
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd newer = Memfd.sealed("plan", changed(own, 8, 1));
        Fd other = Memfd.sealed("plan", changed(own, 4, 3))) {
      launched.await(Launched.STARTED);
      launched.exec(1, newer, out.readEnd(), out.writeEnd(), out.writeEnd());
      assertThat(launched.await(Launched.EXITED).word(0)).isEqualTo(5);
      launched.exec(2, other, out.readEnd(), out.writeEnd(), out.writeEnd());
      assertThat(launched.await(Launched.ERROR).word(0)).isEqualTo(Errno.EPROTONOSUPPORT);
    }
  }

  @Test
  void exec_beyondTheLimit_isRefused() {
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd plan = Memfd.sealed("plan", Launched.encode(exec(FOREVER)))) {
      launched.await(Launched.STARTED);
      for (int id = 1; id <= 64; id++) {
        launched.exec(id, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
        launched.await(0x83);
      }
      launched.exec(65, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
      assertThat(launched.await(Launched.ERROR).word(0)).isEqualTo(Errno.EAGAIN);
      for (int id = 1; id <= 64; id++) {
        launched.send(4, 1000 + id, 9, id);
        launched.await(Launched.EXITED);
      }
    }
  }

  @Test
  void exec_ofABadPlan_isRefused() {
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd plan = Memfd.sealed("plan", new byte[200])) {
      launched.await(Launched.STARTED);
      launched.exec(1, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
      assertThat(launched.next().word(0)).isEqualTo(74);
      launched.exec(2, out.readEnd(), out.readEnd(), out.writeEnd(), out.writeEnd());
      assertThat(launched.next().word(0)).isEqualTo(Errno.EINVAL);
    }
  }

  @Test
  void frames_thatAreUnknownOrMalformed_areAnsweredWithErrors() {
    try (Launched launched = run(TestPlans.policy(), FOREVER)) {
      launched.await(Launched.STARTED);
      launched.send(77, 5);
      assertThat(errorOf(launched, 5)).isEqualTo(Errno.ENOSYS);
      launched.send(1, 6);
      assertThat(errorOf(launched, 6)).isEqualTo(Errno.EINVAL);
      launched.sendBytes(new byte[700]);
      assertThat(errorOf(launched, 0)).isEqualTo(7);
      launched.send(4, 8, 65, 0);
      assertThat(errorOf(launched, 8)).isEqualTo(Errno.EINVAL);
      launched.send(4, 9, 15, 4711);
      assertThat(errorOf(launched, 9)).isEqualTo(Errno.ESRCH);
      launched.send(9, 10, 4, 0);
      assertThat(errorOf(launched, 10)).isEqualTo(Errno.EINVAL);
      launched.send(2, 11);
      assertThat(errorOf(launched, 11)).isEqualTo(114);
      launched.send(1, 12, 1);
      assertThat(launched.next().type()).isEqualTo(0x81);
    }
  }

  private static int errorOf(Launched launched, int id) {
    Launched.Frame frame = launched.next();
    assertThat(List.of(frame.type(), frame.id())).containsExactly(Launched.ERROR, id);
    return frame.word(0);
  }

  @Test
  void clients_beyondTheLimit_areToldSo_andThoseTooSlowAreDisconnected() {
    SupervisorPolicy.Builder policy = TestPlans.policy().set(SupervisorPolicy.Flag.LISTEN, true);
    String path = directory.resolve("socket").toString();
    List<UnixSocket> clients = new ArrayList<>();
    try (UnixSocket listening = UnixSocket.listen(path);
        Launched launched =
            Launched.listening(directory, TestPlans.script(policy, FOREVER), listening)) {
      launched.await(Launched.STARTED);
      for (int i = 0; i < LISTENED_TO; i++) {
        UnixSocket client = UnixSocket.connect(path);
        clients.add(client);
        Launched.send(client, 1, i, 1);
        assertThat(Launched.next(client).type()).isEqualTo(0x81);
      }
      UnixSocket extra = UnixSocket.connect(path);
      clients.add(extra);
      askInVain(extra);
      Launched.Frame refusal = Launched.next(extra);
      assertThat(List.of(refusal.type(), refusal.id(), refusal.word(0)))
          .containsExactly(Launched.ERROR, 0, Errno.EUSERS);
      assertThat(Launched.next(extra).type()).isZero();
      flood(clients.get(0));
      Launched.send(clients.get(1), 1, 1, 1);
      assertThat(Launched.next(clients.get(1)).type()).isEqualTo(0x81);
    } finally {
      clients.forEach(UnixSocket::close);
    }
  }

  /** It may have been turned away before it asks. */
  private static void askInVain(UnixSocket client) {
    try {
      Launched.send(client, 6, 1);
    } catch (dev.pinnace.linux.ErrnoException refusal) {
      assertThat(refusal.is(Errno.EPIPE)).isTrue();
    }
  }

  /** Asks without ever reading, until the supervisor has had enough. */
  private static void flood(UnixSocket client) {
    for (int i = 0; i < 100_000; i++) {
      try {
        Launched.send(client, 7, i);
      } catch (dev.pinnace.linux.ErrnoException refusal) {
        if (refusal.is(Errno.EPIPE, Errno.ECONNRESET)) {
          return;
        }
        if (!refusal.is(Errno.EAGAIN)) {
          throw refusal;
        }
        Thread.onSpinWait();
      }
    }
    throw new AssertionError("it is never disconnected");
  }

  @Test
  void badPlans_areRefusedBeforeAnythingRuns() {
    byte[] good = Launched.encode(TestPlans.script(TestPlans.policy(), "exit 0"));
    assertRefused(changed(good, 4, 2), 93);
    assertRefused(changed(good, 6, 3), 8);
    assertRefused(changed(good, 8, 1), 116);
    assertRefused(changed(good, 200, 1), 74);
    assertRefused(java.util.Arrays.copyOf(good, good.length - 8), 74);
    assertRefused(new byte[0], 74);
    assertRefused(new byte[4096 * 1024 + 1], 7);
  }

  private static byte[] changed(byte[] plan, int at, int difference) {
    byte[] copy = plan.clone();
    copy[at] ^= (byte) difference;
    return copy;
  }

  private void assertRefused(byte[] plan, int errno) {
    try (Launched launched = Launched.ofBytes(directory, plan)) {
      Launched.Frame refusal = launched.await(Launched.FAILED);
      assertThat(List.of(refusal.word(0), refusal.word(1), refusal.word(2)))
          .containsExactly(-1, -1, errno);
      assertThat(directory.resolve("exit")).doesNotExist();
    }
  }
}

package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restarts by policy, and what is sent between two runs. */
class SupervisorRestartTest extends SupervisorFixture {
  private static final int SIGNAL = 4;

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
  void restart_afterAnUnfinishedLine_beginsAnother() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ON_FAILURE, 1);
    try (Launched launched = run(policy, "printf 'fatal: x'; exit 1")) {
      assertThat(launched.end().restarts()).isEqualTo(1);
      Launched.LogFrame unfinished = new Launched.LogFrame(1, 1, "fatal: x");
      assertThat(launched.log("log")).containsExactly(unfinished, unfinished);
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
}

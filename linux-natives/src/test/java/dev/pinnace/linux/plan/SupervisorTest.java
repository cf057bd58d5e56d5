package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The supervisor: start, stop, restart, limits, logs, execs and its protocol. */
class SupervisorTest extends SupervisorFixture {
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
}

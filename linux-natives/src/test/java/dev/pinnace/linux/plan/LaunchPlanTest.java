package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Builder, text and bytes of plans: docs/formats.md, <i>Launch plan</i>. */
class LaunchPlanTest {
  private static final long BUILD = 0x1122334455667788L;
  private static final int POLICY = 64;
  private static final int STEPS = POLICY + 96;
  private static final int STEP = 72;

  private static LaunchPlan sample() {
    LaunchPlan.Builder plan =
        LaunchPlan.builder()
            .policy(SupervisorPolicy.builder().stop(15, Duration.ofSeconds(2)).build());
    Register proc = plan.register("proc");
    Operand.Scratch stat = plan.scratch(new byte[16], "stat");
    plan.in(Section.CHILD)
        .to("open /proc")
        .into(proc)
        .tolerating(Errno.ENOENT, Errno.EACCES)
        .call(
            "openat",
            Operand.flags(Constants.AT_FDCWD),
            plan.text("/proc"),
            Operand.flags(Constants.O_PATH, Constants.O_CLOEXEC),
            Operand.of(0));
    plan.in(Section.CHILD).to("note /proc").unless(proc).storeInt(proc, stat.at(4, 4));
    plan.in(Section.BEFORE).to("tell").when(Register.CGROUP).sync(7);
    plan.in(Section.CHILD)
        .to("execute sh")
        .exec(List.of("/bin/sh"), List.of("sh", "-c", "a\n\"b\""), List.of("A=b"));
    return plan.build();
  }

  private static ByteBuffer bytes(byte[] plan) {
    return ByteBuffer.wrap(plan).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void render_readsLikeStrace() {
    assertThat(sample().render())
        .isEqualTo(
            """
            policy restart=no stop=15/2000ms log=0x1

            before
               0  when $cgroup: sync(7)   # tell

            child
               1  $proc = openat(AT_FDCWD, "/proc", O_PATH|O_CLOEXEC, 0) or ENOENT, EACCES   # open /proc
               2  unless $proc: store($proc, &stat+4, u32)   # note /proc
               3  exec(/bin/sh ["sh", "-c", "a\\n\\"b\\""] /* 1 variables */)   # execute sh
            """);
  }

  @Test
  void encode_header_isThatOfTheFormat() {
    byte[] encoded = sample().encode(BUILD);
    ByteBuffer plan = bytes(encoded);
    assertThat(new String(encoded, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("PNPL");
    assertThat((int) plan.getShort(4)).isEqualTo(1);
    assertThat((int) plan.getShort(6)).isEqualTo(Kernel.architecture().elfMachine());
    assertThat(plan.getLong(8)).isEqualTo(BUILD);
    assertThat(plan.getLong(16)).isEqualTo(Checksum.of(encoded, 24, plan.capacity()));
    assertThat(plan.getInt(24)).as("total").isEqualTo(plan.capacity());
    assertThat(plan.getInt(28)).as("steps").isEqualTo(4);
    int blob = plan.getInt(32);
    assertThat(blob).isEqualTo(STEPS + 4 * STEP);
    assertThat(plan.getInt(40)).as("scratch").isEqualTo(blob + plan.getInt(36));
    assertThat(plan.getInt(44)).isEqualTo(16);
    short[] firsts = new short[8];
    plan.position(48).slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(firsts);
    assertThat(firsts).as("sections").containsExactly(0, 0, 0, 1, 1, 4, 4, 0);
  }

  @Test
  void encode_call_isThatOfTheFormat() {
    byte[] encoded = sample().encode(BUILD);
    ByteBuffer plan = bytes(encoded);
    ByteBuffer step = plan.slice(STEPS + STEP, STEP).order(ByteOrder.LITTLE_ENDIAN);
    byte[] head = new byte[16];
    step.get(0, head);
    byte number = (byte) Sys.OPENAT.number();
    assertThat(head)
        .as("op, guard, its register, destination, call, tolerated")
        .startsWith(
            1, 0, 0, 16, number, (byte) (Sys.OPENAT.number() >> 8), 0, 0, 2, 0, 13, 0, 0, 0);
    assertThat(step.getLong(16) & 0xFFFFFFFFL).as("kinds").isEqualTo(0x00000100L);
    assertThat(step.getLong(24)).isEqualTo(-100);
    assertThat(step.getInt(36)).as("extent, with its NUL").isEqualTo(6);
    int at = plan.getInt(32) + step.getInt(32);
    assertThat(new String(encoded, at, 6, StandardCharsets.UTF_8)).isEqualTo("/proc\0");
    assertThat(step.getLong(40)).isEqualTo(0x280000);
  }

  @Test
  void encode_guard_andScratch() {
    ByteBuffer plan = bytes(sample().encode(BUILD));
    ByteBuffer store = plan.slice(STEPS + 2 * STEP, STEP).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(List.of(store.get(0), store.get(1), store.get(2), store.get(3)))
        .as("STORE, unless, register, no destination")
        .containsExactly((byte) 3, (byte) 2, (byte) 16, (byte) 255);
    assertThat(List.of(store.get(16), store.get(17), store.get(18)))
        .as("register, scratch, immediate")
        .containsExactly((byte) 3, (byte) 2, (byte) 0);
    assertThat(store.getLong(24)).isEqualTo(16);
    assertThat(store.getLong(32)).as("four bytes at four").isEqualTo(4L << 32 | 4);
  }

  @Test
  void build_ofTooMuch_namesTheLimit() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    TestPlans.shell(plan, "x".repeat(4096 * 1024));
    assertTooLarge(plan, "bytes, at most 4,194,304 are allowed");

    LaunchPlan.Builder steps = LaunchPlan.builder();
    for (int i = 0; i < 8193; i++) {
      TestPlans.child(steps, "begin").call("setsid");
    }
    assertTooLarge(steps, "8,193 steps, at most 8,192 are allowed");

    LaunchPlan.Builder scratch = LaunchPlan.builder();
    scratch.scratch(new byte[16 * 1024 + 8], "buffer");
    assertTooLarge(scratch, "at most 16,384 are allowed");
  }

  @Test
  void exec_ofMoreThanTheLauncherTakes_isRefused() {
    List<String> program = List.of("x");
    StepBuilder step = TestPlans.child(LaunchPlan.builder(), "execute");
    assertThatThrownBy(() -> step.exec(Collections.nCopies(1025, "x"), program, program))
        .isInstanceOf(PlanTooLargeException.class)
        .hasMessageContaining("1,025 directories, at most 1,024")
        .hasMessageContaining("shorten PATH");
    List<String> many = Collections.nCopies(8193, "x");
    assertThatThrownBy(() -> step.exec(program, many, many))
        .isInstanceOf(PlanTooLargeException.class)
        .hasMessageContaining("16,386 arguments and variables, at most 16,384");
  }

  private static void assertTooLarge(LaunchPlan.Builder plan, String said) {
    assertThatThrownBy(plan::build)
        .isInstanceOf(PlanTooLargeException.class)
        .hasMessageContaining(said)
        .hasMessageContaining("fewer mounts");
  }

  @Test
  void text_withANul_isRefused() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    assertThatIllegalArgumentException().isThrownBy(() -> plan.text("/proc\0/x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestPlans.shell(plan, "echo \0"))
        .withMessageContaining("NUL");
  }

  @Test
  void text_twice_isKeptOnce() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    assertThat(plan.text("same")).isEqualTo(plan.text("same"));
    assertThat(plan.offsetOf("same")).isZero();
    assertThat(plan.offsetOf("other")).isEqualTo(5);
  }

  @Test
  void register_byName_untilThereAreNoMore() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    for (int i = 0; i < 47; i++) {
      assertThat(plan.register("r" + i).number()).isEqualTo(16 + i);
    }
    assertThat(plan.register("r0").number()).isEqualTo(16);
    assertThatThrownBy(() -> plan.register("r47"))
        .isInstanceOf(PlanTooLargeException.class)
        .hasMessageContaining("47 registers of its own");
  }

  @Test
  void guard_twice_namesTheFirst() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    StepBuilder step = TestPlans.child(plan, "mask").when(Register.CGROUP);
    assertThatIllegalStateException()
        .isThrownBy(() -> step.unless(Register.NETNS))
        .withMessageContaining("\"mask\" has the guard $cgroup already");
  }

  @Test
  void tolerated_atMostFour() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    StepBuilder step = TestPlans.child(plan, "try").tolerating(1, 2, 3, 4, 5);
    assertThatIllegalArgumentException().isThrownBy(() -> step.call("setsid"));
  }

  @Test
  void call_unknown_isRefused() {
    LaunchPlan.Builder plan = LaunchPlan.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TestPlans.child(plan, "try").call("no_such_call"));
  }

  @Test
  void scratch_outsideOfItself_isRefused() {
    Operand.Scratch scratch = LaunchPlan.builder().scratch(new byte[8], "buffer");
    assertThat(scratch.at(4, 4).offset()).isEqualTo(4);
    assertThatIllegalArgumentException().isThrownBy(() -> scratch.at(4, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> scratch.at(-1, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> scratch.at(Integer.MAX_VALUE, 2));
  }

  @Test
  void explain_isTheStepsSentence_andTheError() {
    LaunchPlan plan = sample();
    assertThat(plan.explain(1, Errno.EPERM))
        .isEqualTo("open /proc: EPERM (operation not permitted)");
    assertThat(plan.sentence(0)).isEqualTo("tell");
    assertThat(plan.sentence(99)).isEqualTo("step 99");
    assertThat(plan.size(Section.CHILD)).isEqualTo(3);
    assertThat(plan.size(Section.TEARDOWN)).isZero();
  }

  @Test
  void build_laterAdditions_doNotChangeIt() {
    LaunchPlan.Builder builder = LaunchPlan.builder();
    TestPlans.child(builder, "begin").call("setsid");
    LaunchPlan plan = builder.build();
    byte[] before = plan.encode(BUILD);
    TestPlans.child(builder, "again").call("setsid");
    builder.text("more");
    assertThat(plan.size(Section.CHILD)).isEqualTo(1);
    assertThat(plan.encode(BUILD)).isEqualTo(before);
  }
}

package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Execs and other requests of a supervisor, good ones and bad ones. */
class SupervisorProtocolTest extends SupervisorFixture {
  /** Connections beside the first client's. */
  private static final int LISTENED_TO = 127;

  private static final int LEAVE = 13;

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
  void exec_isLeftOnce_whileItRuns_withTheDescriptorsForThat() {
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe out = Pipe.open();
        Fd text = Memfd.sealed("text", new byte[] {'x'});
        Fd plan = Memfd.sealed("plan", Launched.encode(exec(FOREVER)))) {
      launched.await(Launched.STARTED);
      launched.sendBytes(Launched.bytes(LEAVE, 1, 9), text);
      assertThat(launched.next().word(0)).isEqualTo(Errno.ESRCH);
      byte[] bound = Launched.bytes(3, 9, 1);
      launched.sendBytes(bound, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
      launched.await(0x83);
      launched.sendBytes(Launched.bytes(LEAVE, 2, 9));
      assertThat(launched.next().word(0)).isEqualTo(Errno.EINVAL);
      launched.sendBytes(Launched.bytes(LEAVE, 3, 9), text, text, text);
      assertThat(launched.next().word(0)).isEqualTo(Errno.EINVAL);
      launched.sendBytes(Launched.bytes(LEAVE, 4, 9), text);
      assertThat(launched.next().type()).isEqualTo(0x80 | LEAVE);
      launched.sendBytes(Launched.bytes(LEAVE, 5, 9), text);
      assertThat(launched.next().word(0)).isEqualTo(Errno.EALREADY);
      launched.send(4, 6, 15, 9);
      launched.await(0x84);
      assertThat(launched.await(Launched.EXITED).word(0)).isEqualTo(143);
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
      byte[] unknownFlag = Launched.bytes(3, 3, 2);
      launched.sendBytes(unknownFlag, plan, out.readEnd(), out.writeEnd(), out.writeEnd());
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

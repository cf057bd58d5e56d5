package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers with a terminal, and clients that are attached. */
class SupervisorTerminalTest extends SupervisorFixture {
  private static final int ATTACH = 10;
  private static final int RESIZE = 11;
  private static final int DETACH = 12;
  private static final int LEAVE = 13;
  private static final int ATTACHED = 0x8A;
  private static final int LAGGED = 0x9A;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;

  /** Shows its size whenever that changes, and what it reads. */
  private static final String SHOWING =
      "trap 'stty size' WINCH; stty -echo; stty size; echo ready;"
          + " while :; do read line && echo \"got $line\"; done";

  /** What came for a client that is attached, until it is closed. */
  private static final class Attached implements AutoCloseable {
    private final Pipe out = Pipe.open();
    private final Pipe err = Pipe.open();
    private final Pipe in = Pipe.open();
    private final StringBuilder seen = new StringBuilder();

    private Attached(int id, @Nullable UnixSocket socket, Launched launched, int... size) {
      byte[] frame = Launched.bytes(ATTACH, id, size);
      Fd[] ends = {out.writeEnd(), err.writeEnd(), in.readEnd()};
      if (socket == null) {
        launched.sendBytes(frame, ends);
        assertThat(launched.await(ATTACHED).id()).isEqualTo(id);
      } else {
        socket.send(frame, ends);
        assertThat(Launched.next(socket).type()).isEqualTo(ATTACHED);
      }
      List.of(ends).forEach(Fd::close);
    }

    static Attached to(Launched launched, int id, int... size) {
      return new Attached(id, null, launched, size);
    }

    void type(String text) {
      in.writeEnd().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads until that was seen; the end of the stream is seen as {@code "<end>"}. */
    void await(String text) {
      while (seen.indexOf(text) < 0) {
        byte[] piece = new byte[65_536];
        int count = out.readEnd().read(piece, 0, piece.length);
        seen.append(count == 0 ? "<end>" : new String(piece, 0, count, StandardCharsets.US_ASCII));
        if (count == 0 && seen.indexOf(text) < 0) {
          throw new AssertionError("no \"" + text + "\" in " + seen);
        }
      }
      seen.setLength(0);
    }

    @Override
    public void close() {
      out.close();
      err.close();
      in.close();
    }
  }

  private static LaunchPlan.Builder builder(SupervisorPolicy.Builder policy) {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(policy.build());
    TestPlans.clone(plan);
    return plan;
  }

  private static LaunchPlan onTerminal(SupervisorPolicy.Builder policy, String script) {
    LaunchPlan.Builder plan = builder(policy);
    terminal(plan);
    TestPlans.shell(plan, script);
    return plan.build();
  }

  private static void terminal(LaunchPlan.Builder plan) {
    Register master = plan.register("master");
    Register slave = plan.register("slave");
    TestPlans.child(plan, "open a terminal")
        .into(master)
        .call(
            "openat",
            TestPlans.HERE,
            plan.text("/dev/ptmx"),
            Operand.flags(Constants.O_RDWR, Constants.O_NOCTTY, Constants.O_CLOEXEC),
            Operand.of(0));
    TestPlans.child(plan, "unlock it")
        .call("ioctl", master, Operand.flags(Constants.TIOCSPTLCK), plan.bytes(new byte[4], "0"));
    TestPlans.child(plan, "open its other end")
        .into(slave)
        .call(
            "ioctl",
            master,
            Operand.flags(Constants.TIOCGPTPEER),
            Operand.flags(Constants.O_RDWR, Constants.O_NOCTTY));
    TestPlans.child(plan, "send the master").send(master, 1);
    TestPlans.child(plan, "begin a session").call("setsid");
    for (int i = 0; i < 3; i++) {
      TestPlans.child(plan, "connect " + i).call("dup3", slave, Operand.of(i), Operand.of(0));
    }
    TestPlans.child(plan, "control it")
        .call("ioctl", Operand.of(0), Operand.flags(Constants.TIOCSCTTY), Operand.of(0));
    TestPlans.child(plan, "wait for the start").await(Register.GATE, 10_000);
  }

  @Test
  void attached_seeAndFeed_theTerminal_andResizeIt() throws IOException {
    LaunchPlan plan = onTerminal(TestPlans.policy(), SHOWING);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 33, 99);
        Attached two = Attached.to(launched, 2, 0, 0)) {
      launched.send(2, 3);
      one.await("33 99\r\nready\r\n");
      two.await("33 99\r\nready\r\n");
      launched.send(RESIZE, 4, 10, 20);
      one.await("10 20\r\n");
      one.type("some\n");
      two.await("got some\r\n");
      two.type("more\n");
      one.await("got more\r\n");
      launched.send(DETACH, 5, 1);
      one.await("<end>");
      two.type("\u0003");
      two.await("<end>");
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.signal())).containsExactly(130, 2);
      assertThat(launched.output(1)).contains("got more\r\n");
    }
  }

  @Test
  void restart_hasANewTerminal_ofTheSameSize_andTheSameAttachments() {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ALWAYS, 0);
    LaunchPlan plan = onTerminal(policy, "stty size; read line; echo \"got $line\"");
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 33, 99)) {
      launched.send(2, 2);
      one.await("33 99\r\n");
      one.type("first\n");
      one.await("got first\r\n33 99\r\n");
      one.type("second\n");
      one.await("got second\r\n");
    }
  }

  /** Its child goes on while the supervisor is stopped, and may not execute anything by that. */
  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void restart_fasterThanTheSupervisor_hasTheSizeAllTheSame() throws Exception {
    Path door = directory.resolve("door");
    assertThat(new ProcessBuilder("mkfifo", door.toString()).start().waitFor()).isZero();
    LaunchPlan.Builder plan =
        builder(TestPlans.policy().restart(SupervisorPolicy.Restart.ALWAYS, 0));
    TestPlans.child(plan, "wait at the door")
        .into(plan.register("door"))
        .call(
            "openat",
            TestPlans.HERE,
            plan.text(door.toString()),
            Operand.flags(Constants.O_CLOEXEC),
            Operand.of(0));
    terminal(plan);
    TestPlans.shell(plan, "stty size; read line; echo \"got $line\"");
    try (Launched launched = Launched.of(directory, plan.build());
        Attached one = Attached.to(launched, 1, 33, 99);
        Pidfd supervisor = new Pidfd(launched.supervisor().orElseThrow().duplicate())) {
      launched.send(2, 2);
      Files.write(door, new byte[0]);
      one.await("33 99\r\n");
      Path children = Path.of("/proc", text(supervisor), "task", text(supervisor), "children");
      String first = Files.readString(children);
      one.type("first\n");
      one.await("got first\r\n");
      while (Set.of("", first).contains(Files.readString(children))) {
        Thread.sleep(1);
      }
      supervisor.signal(SIGSTOP);
      Files.write(door, new byte[0]);
      Thread.sleep(200);
      supervisor.signal(SIGCONT);
      one.await("33 99\r\n");
    }
  }

  private static String text(Pidfd process) {
    return Integer.toString(process.pid().orElseThrow());
  }

  @Test
  void whoReadsNothing_isDetached_andTheContainerGoesOn() throws IOException {
    Path done = directory.resolve("done");
    LaunchPlan plan =
        onTerminal(
            TestPlans.policy(),
            "head -c 10000000 /dev/zero; touch "
                + done
                + "; read line; touch \"$line\"; "
                + FOREVER);
    try (Launched launched = Launched.of(directory, plan);
        Attached stuck = Attached.to(launched, 1, 0, 0)) {
      launched.send(2, 2);
      assertThat(launched.await(LAGGED).id()).isEqualTo(1);
      waitFor(launched, done, Files::exists);
      stuck.await("<end>");
      Path typed = directory.resolve("typed");
      stuck.type(typed + "\n");
      waitFor(launched, typed, Files::exists);
      launched.send(DETACH, 3, 1);
      assertThat(launched.await(0x8C).id()).isEqualTo(3);
      launched.send(DETACH, 4, 1);
      assertThat(launched.await(Launched.ERROR).word(0)).isEqualTo(Errno.ESRCH);
    }
  }

  /** A supervisor that is slow finds both at once, and the request first. */
  @Test
  void whatIsTyped_beforeWhoTypesItLeaves_isKept() {
    LaunchPlan plan = onTerminal(TestPlans.policy(), SHOWING);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 7, 8);
        Attached two = Attached.to(launched, 2, 0, 0)) {
      launched.send(2, 2);
      two.await("ready\r\n");
      Pidfd supervisor = new Pidfd(launched.supervisor().orElseThrow());
      supervisor.signal(SIGSTOP);
      launched.send(DETACH, 3, 1);
      one.type("some\n");
      supervisor.signal(SIGCONT);
      two.await("got some\r\n");
    }
  }

  private static void waitFor(Launched launched, Path path, Predicate<Path> condition) {
    for (int i = 0; !condition.test(path); i++) {
      assertThat(i).isLessThan(2000);
      launched.sleep(10);
    }
  }

  @Test
  void whatIsTyped_beforeAnybodyReads_isKept_whateverItIs() {
    String script = "stty raw -echo; echo ready; sleep 0.3; head -c 300000 | cksum; exec sleep 60";
    LaunchPlan plan = onTerminal(TestPlans.policy(), script);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 0, 0)) {
      launched.send(2, 2);
      one.await("ready");
      Thread typist = new Thread(() -> one.type("x".repeat(300_000)));
      typist.start();
      one.await("2685198886 300000");
    }
  }

  @Test
  void terminalThatIsClosed_mayBeOpenedAgain() {
    String script = "t=$(tty); exec <&- >&- 2>&-; sleep 0.1; exec <$t >$t; echo again; read x";
    LaunchPlan plan = onTerminal(TestPlans.policy(), script);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 0, 0)) {
      launched.send(2, 2);
      one.await("again\r\n");
    }
  }

  @Test
  void clientThatIsGone_isAttachedNoMore_andThereAreNeverTooMany() {
    SupervisorPolicy.Builder policy = TestPlans.policy().set(SupervisorPolicy.Flag.LISTEN, true);
    String path = directory.resolve("socket").toString();
    try (UnixSocket listening = UnixSocket.listen(path);
        Launched launched = Launched.listening(directory, onTerminal(policy, SHOWING), listening)) {
      launched.send(2, 2);
      UnixSocket client = UnixSocket.connect(path);
      Attached other = new Attached(1, client, launched, 0, 0);
      try (Pipe pipe = Pipe.open()) {
        byte[] frame = Launched.bytes(ATTACH, 9, 0, 0);
        for (int i = 1; i < 64; i++) {
          launched.sendBytes(frame, pipe.writeEnd(), pipe.writeEnd());
          launched.await(ATTACHED);
        }
        launched.sendBytes(frame, pipe.writeEnd(), pipe.writeEnd());
        assertThat(launched.await(Launched.ERROR).word(0)).isEqualTo(Errno.EAGAIN);
        launched.sendBytes(frame, pipe.writeEnd());
        assertThat(launched.await(Launched.ERROR).word(0)).isEqualTo(Errno.EINVAL);
      }
      client.close();
      other.await("<end>");
      other.close();
      try (Attached instead = Attached.to(launched, 10, 7, 8)) {
        instead.await("7 8\r\n");
      }
    }
  }

  @Test
  void openStandardInput_isFedByWhoeverIsAttached() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().set(SupervisorPolicy.Flag.OPEN_STDIN, true);
    LaunchPlan.Builder plan = builder(policy);
    TestPlans.streams(plan);
    TestPlans.shell(
        plan,
        "read a; echo \"got $a\"; read b; echo \"and $b\"; exec <&-; echo closed; " + FOREVER);
    try (Launched launched = Launched.of(directory, plan.build());
        Attached one = Attached.to(launched, 1, 0, 0);
        Attached two = Attached.to(launched, 2, 0, 0)) {
      one.type("some\n");
      one.await("got some\n");
      two.await("got some\n");
      two.type("more\n");
      one.await("and more\nclosed\n");
      one.type("lost\n");
      two.type("lost, too\n");
      launched.send(7, 5);
      assertThat(launched.await(0x87).word(0)).isEqualTo(2);
      assertThat(launched.output(1)).isEqualTo("got some\nand more\nclosed\n");
    }
  }

  private LaunchPlan fedOnce(String script) {
    SupervisorPolicy.Builder policy =
        TestPlans.policy()
            .set(SupervisorPolicy.Flag.OPEN_STDIN, true)
            .set(SupervisorPolicy.Flag.STDIN_ONCE, true);
    LaunchPlan.Builder plan = builder(policy);
    TestPlans.streams(plan);
    TestPlans.shell(plan, script);
    return plan.build();
  }

  @Test
  void standardInputForOne_endsWithHis() {
    LaunchPlan plan = fedOnce("cat; echo over; " + FOREVER);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 0, 0);
        Attached two = Attached.to(launched, 2, 0, 0)) {
      two.type("first\n");
      one.await("first\n");
      one.type("last\n");
      one.in.writeEnd().close();
      two.await("last\nover\n");
      two.type("lost\n");
      launched.send(DETACH, 3, 2);
      launched.await(0x8C);
    }
  }

  @Test
  void standardInputForOne_endsWhenHeLeaves() {
    LaunchPlan plan = fedOnce("cat; echo over; " + FOREVER);
    try (Launched launched = Launched.of(directory, plan);
        Attached one = Attached.to(launched, 1, 0, 0);
        Attached two = Attached.to(launched, 2, 0, 0)) {
      one.type("last\n");
      launched.send(DETACH, 3, 1);
      two.await("last\nover\n");
    }
  }

  @Test
  void exec_givesItsTerminalToItsClient() {
    LaunchPlan.Builder exec = LaunchPlan.builder();
    TestPlans.clone(exec);
    terminal(exec);
    TestPlans.shell(exec, "stty -echo; echo ready; read x; echo got $x; exit 4");
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe none = Pipe.open();
        Fd plan = Memfd.sealed("plan", Launched.encode(exec.build()))) {
      launched.await(Launched.STARTED);
      launched.exec(1, plan, none.readEnd(), none.writeEnd(), none.writeEnd());
      List<Fd> descriptors = launched.await(0x83).descriptors();
      assertThat(descriptors).hasSize(2);
      Fd master = descriptors.get(1);
      assertThat(readTo(master, "ready\r\n")).isEqualTo("ready\r\n");
      master.write("some\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(readTo(master, "some\r\n")).isEqualTo("got some\r\n");
      assertThat(launched.await(Launched.EXITED).word(0)).isEqualTo(4);
    }
  }

  @Test
  void exec_thatIsLeft_hasItsTerminal_andMayWriteAnything() {
    LaunchPlan.Builder exec = LaunchPlan.builder();
    TestPlans.clone(exec);
    terminal(exec);
    TestPlans.shell(
        exec, "stty -echo; echo ready; read x; head -c 200000 /dev/zero; tty && exit 4");
    try (Launched launched = run(TestPlans.policy(), FOREVER);
        Pipe none = Pipe.open();
        Fd text = Memfd.sealed("text", new byte[] {'x'});
        Fd plan = Memfd.sealed("plan", Launched.encode(exec.build()))) {
      launched.await(Launched.STARTED);
      launched.exec(1, plan, none.readEnd(), none.writeEnd(), none.writeEnd());
      try (Fd master = launched.await(0x83).descriptors().get(1)) {
        assertThat(readTo(master, "ready\r\n")).isEqualTo("ready\r\n");
        launched.sendBytes(Launched.bytes(LEAVE, 2, 1), text, master);
        assertThat(launched.next().type()).isEqualTo(0x80 | LEAVE);
        master.write("go\n".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(launched.await(Launched.EXITED).word(0)).isEqualTo(4);
    }
  }

  private static String readTo(Fd master, String end) {
    StringBuilder text = new StringBuilder();
    byte[] piece = new byte[100];
    while (!text.toString().endsWith(end)) {
      try {
        int count = master.read(piece, 0, piece.length);
        text.append(new String(piece, 0, count, StandardCharsets.US_ASCII));
      } catch (ErrnoException hungUp) {
        throw new AssertionError("only: " + text, hungUp);
      }
    }
    return text.toString();
  }
}

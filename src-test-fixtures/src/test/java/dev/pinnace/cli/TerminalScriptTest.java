package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line on a terminal, as somebody who types sees it. */
@Needs({"root", "busybox"})
@Timeout(120)
class TerminalScriptTest {
  private static final String DETACH = "\u0010\u0011";

  @TempDir Path home;
  private Script script;

  @BeforeEach
  void image() throws Exception {
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "busy", "busybox").code()).isZero();
  }

  @AfterEach
  void remove() throws Exception {
    for (String id : script.pinnace("ps", "-aq").out().lines().toList()) {
      assertThat(script.pinnace("rm", "-f", id).code()).isZero();
    }
  }

  private OnPty on(String... arguments) throws Exception {
    return new OnPty(home, 30, 90, arguments);
  }

  private OnPty shell(String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of("run", "-it"));
    all.addAll(List.of("--name", "box"));
    all.addAll(List.of(flags));
    all.addAll(List.of("busy", "busybox", "sh"));
    return on(all.toArray(String[]::new));
  }

  /** What is typed before would be the shell's. */
  private void awaitSleep() throws Exception {
    while (!script.pinnace("top", "box").out().contains("sleep 1000")) {
      Thread.sleep(100);
    }
  }

  @Test
  void run_hasJobControl_size_andCtrlC_andTheTerminalIsGivenBack() throws Exception {
    try (OnPty pty = shell("--rm")) {
      pty.await("# ");
      pty.type("busybox stty size\r");
      pty.await("\n30 90\r\n");
      assertThat(pty.isCooked()).isFalse();
      pty.resize(44, 111);
      pty.type("busybox sleep 0.5; busybox stty size\r");
      pty.await("\n44 111\r\n");
      pty.type("busybox sleep 1000\r");
      awaitSleep();
      pty.type("\u001a");
      pty.await("Stopped");
      pty.type("fg\r");
      pty.await("fg\r\nbusybox sleep 1000\r\n");
      while (!pty.shows("# ")) { // it has the terminal only after that was shown
        pty.type("\u0003");
        Thread.sleep(200);
      }
      pty.type("echo code=$?; exit 9\r");
      pty.await("\ncode=130\r\n");
      assertThat(pty.code()).as(pty.text()).isEqualTo(9);
      assertThat(pty.isCooked()).isTrue();
    }
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void detachKeys_leaveTheContainer_andOthersAttach() throws Exception {
    try (OnPty first = shell()) {
      first.await("# ");
      first.type("echo one; read x; echo got=$x\r");
      first.await("\none\r\n");
      first.type(DETACH);
      assertThat(first.code()).as(first.text()).isZero();
      assertThat(first.isCooked()).isTrue();
    }
    assertThat(
            script.pinnace("inspect", "-f", "{{.Config.Tty}} {{.Config.OpenStdin}}", "box").line())
        .isEqualTo("true true");
    try (OnPty second = on("attach", "--detach-keys", "ctrl-x,x", "box");
        OnPty third = on("attach", "--no-stdin", "box")) {
      second.type("there\r");
      second.await("got=there");
      third.type("nothing of this\r");
      while (!third.text().contains("1010\r")) { // until it is attached, too
        second.type("busybox seq 1000 1010\r");
        Thread.sleep(300);
      }
      second.type("\u0018x");
      assertThat(second.code()).as(second.text()).isZero();
      assertThat(script.pinnace("ps", "-q").out()).isNotEmpty();
      assertThat(script.pinnace("kill", "box").code()).isZero();
      assertThat(third.code()).as(third.text()).isEqualTo(137);
    }
    assertThat(script.pinnace("logs", "box").out())
        .contains("got=there", "1010")
        .doesNotContain("nothing of this");
  }

  @Test
  void detachKeys_leaveAProgramThatWasExecuted() throws Exception {
    assertThat(
            script.pinnace("run", "-d", "--name", "box", "busy", "busybox", "sleep", "2000").code())
        .isZero();
    try (OnPty pty = on("exec", "-it", "--detach-keys", "ctrl-x,x", "box", "busybox", "sh")) {
      pty.await("# ");
      pty.type("busybox sleep 1000; exit 5\r");
      awaitSleep();
      pty.type("\u0018x");
      pty.await("left a program in box, which goes on");
      assertThat(pty.code()).as(pty.text()).isZero();
      assertThat(pty.isCooked()).isTrue();
    }
    assertThat(script.pinnace("top", "box").out()).contains("sleep 1000");
    assertThat(script.pinnace("exec", "-d", "-i", "-t", "box", "busybox", "sleep", "3000").code())
        .isZero();
    assertThat(script.pinnace("top", "box").out()).contains("sleep 3000").contains("pts/");
    // Neither process 1 nor a shell that is typed at ends by SIGTERM.
    assertThat(script.pinnace("exec", "box", "busybox", "killall", "busybox").code()).isZero();
    while (!script
        .pinnace("events", "--since", "1h", "--until", "0s")
        .out()
        .contains("exitCode=5")) {
      Thread.sleep(100);
    }
  }

  /** The first of the keys that detach is a key of the shell's too. */
  @Test
  void keyThatIsHeldBack_endsNoTyping_andWhatIsTypedBeforeTheKeysCounts() throws Exception {
    try (OnPty pty = shell()) {
      pty.await("# ");
      pty.type("\u0010");
      Thread.sleep(200);
      pty.type("echo st''ill\r");
      pty.await("still\r\n");
      pty.type("exit 7\r" + DETACH);
      assertThat(pty.code()).as(pty.text()).isZero();
      assertThat(pty.isCooked()).isTrue();
    }
    assertThat(script.pinnace("wait", "box").line()).isEqualTo("7");
  }

  @Test
  void start_attachesToo_andExecHasATerminalOfItsOwn() throws Exception {
    assertThat(script.pinnace("create", "-it", "--name", "box", "busy", "busybox", "sh").code())
        .isZero();
    try (OnPty box = on("start", "-ai", "box")) {
      box.await("# ");
      try (OnPty exec = on("exec", "-it", "box", "busybox", "sh")) {
        exec.await("# ");
        exec.type("busybox tty; busybox stty size\r");
        exec.await("/dev/pts/1\r\n30 90\r\n");
        exec.resize(22, 33);
        exec.type("busybox sleep 0.5; busybox stty size\r");
        exec.await("\n22 33\r\n");
        exec.type("busybox sleep 1000\r");
        awaitSleep();
        exec.type("\u0003");
        exec.await("# ");
        exec.type("exit 3\r");
        assertThat(exec.code()).as(exec.text()).isEqualTo(3);
        assertThat(exec.isCooked()).isTrue();
      }
      box.type("exit 4\r");
      assertThat(box.code()).as(box.text()).isEqualTo(4);
    }
  }

  @Test
  void signalThatEndsTheCall_givesTheTerminalBack() throws Exception {
    try (OnPty pty = shell("--sig-proxy=false")) {
      pty.await("# ");
      assertThat(pty.isCooked()).isFalse();
      assertThat(pty.jvm().destroy()).isTrue();
      assertThat(pty.code()).as(pty.text()).isEqualTo(143);
      assertThat(pty.isCooked()).isTrue();
    }
    assertThat(script.pinnace("ps", "-q").out()).as("it goes on").isNotEmpty();
  }

  @Test
  void callThatIsHungUp_leavesTheContainer_andGivesTheTerminalBack() throws Exception {
    try (OnPty pty = shell()) {
      pty.await("# ");
      signal(pty, "HUP");
      assertThat(pty.code()).as(pty.text()).isEqualTo(129);
      assertThat(pty.isCooked()).isTrue();
    }
    assertThat(script.pinnace("ps", "-q").out()).isNotEmpty();
  }

  @Test
  void exec_thatIsEndedByASignal_givesTheTerminalBack() throws Exception {
    assertThat(
            script.pinnace("run", "-d", "--name", "box", "busy", "busybox", "sleep", "900").code())
        .isZero();
    for (String name : List.of("TERM", "HUP")) {
      try (OnPty pty = on("exec", "-it", "box", "busybox", "sh")) {
        pty.await("# ");
        assertThat(pty.isCooked()).isFalse();
        signal(pty, name);
        assertThat(pty.code()).as(pty.text()).isEqualTo(name.equals("TERM") ? 143 : 129);
        assertThat(pty.isCooked()).isTrue();
      }
    }
    while (script.pinnace("top", "box").out().contains("busybox sh")) {
      Thread.sleep(100); // hung up with the call
    }
    Result withoutInput = script.pinnaceReading("x", "exec", "-t", "box", "busybox", "tty");
    assertThat(withoutInput.out()).isEqualTo("/dev/pts/0\r\n");
    assertThat(withoutInput.code()).isZero();
  }

  @Test
  void callThatIsKilled_leavesTheContainer() throws Exception {
    try (OnPty pty = shell()) {
      pty.await("# ");
      pty.type("echo one\r");
      pty.await("\none\r\n");
      assertThat(pty.jvm().destroyForcibly()).isTrue();
      assertThat(pty.code()).as(pty.text()).isEqualTo(137);
    }
    try (OnPty again = on("attach", "box")) {
      again.await("# ");
      again.type("echo two; exit 5\r");
      again.await("\ntwo\r\n");
      assertThat(again.code()).as(again.text()).isEqualTo(5);
    }
  }

  @Test
  void callThatIsTooSlow_isAttachedAgain() throws Exception {
    try (OnPty pty = shell()) {
      pty.await("# ");
      pty.type("until test -e /go; do busybox sleep 0.1; done; busybox seq 1000000; echo o''ver\r");
      pty.await("o''ver\r\n");
      signal(pty, "STOP");
      assertThat(script.pinnace("exec", "box", "busybox", "touch", "/go").code()).isZero();
      while (!script.pinnace("logs", "--tail", "2", "box").out().contains("over")) {
        Thread.sleep(100);
      }
      signal(pty, "CONT");
      while (!actions().contains("detach")) {
        Thread.sleep(100);
      }
      pty.type("echo st''ill; exit 2\r");
      pty.await("still\r\n");
      assertThat(pty.code()).as(pty.text()).isEqualTo(2);
      assertThat(pty.text()).as("a screen has the next of it").doesNotContain("is missed");
    }
    assertThat(actions().stream().filter("attach"::equals)).hasSize(2);
  }

  private static void signal(OnPty pty, String name) throws Exception {
    String jvm = Long.toString(pty.jvm().pid());
    assertThat(new ProcessBuilder("kill", "-" + name, jvm).start().waitFor()).isZero();
  }

  private List<String> actions() throws Exception {
    String format = "{{.Action}}";
    return script
        .pinnace("events", "--since", "1h", "--until", "0s", "--format", format)
        .out()
        .lines()
        .toList();
  }

  @Test
  void withoutATerminal_callThatIsTooSlow_isAttachedAgain_andGoesOnFeeding() throws Exception {
    String shell = "read go; busybox seq 1000000; read code; exit $code";
    assertThat(
            script
                .pinnace("run", "-di", "--name", "box", "busy", "busybox", "sh", "-c", shell)
                .code())
        .isZero();
    Script.Call call =
        script.startPiped("{ read first; sleep 3; cat >/dev/null; }", "attach", "box");
    try (OutputStream in = call.process().getOutputStream()) {
      in.write("go\n".getBytes(StandardCharsets.US_ASCII));
      in.flush();
      call.awaitError("some is missed: its logs have it");
      in.write("4\n".getBytes(StandardCharsets.US_ASCII));
      in.flush();
      assertThat(call.await().err()).contains("code 4");
    }
  }

  @Test
  void programThatEnds_whileTheCallIsTooSlow_endsTheCallToo() throws Exception {
    String script = "busybox seq 1000000; exit 4";
    String[] run = {"run", "-t", "--rm", "busy", "busybox", "sh", "-c", script};
    assertThat(this.script.piped("{ read first; sleep 3; cat >/dev/null; }", run).err())
        .contains("code 4", "some is missed: its logs have it");
  }

  @Test
  void inputThatIsNoTerminal_isRefused_andNothingIsMade() throws Exception {
    Result refused = script.pinnace("run", "-it", "busy", "busybox", "true");
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).contains("the input device is not a TTY");
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
    Result withoutInput = script.pinnace("run", "-t", "--rm", "busy", "busybox", "tty");
    assertThat(withoutInput.out()).isEqualTo("/dev/pts/0\r\n");
    assertThat(withoutInput.code()).isZero();
  }

  @Test
  void withoutATerminal_attachFeeds_andPassesOn() throws Exception {
    String[] run = {
      "run", "-di", "--name", "box", "busy", "busybox", "sh", "-c", "read x; echo got=$x; exit 6"
    };
    assertThat(script.pinnace(run).code()).isZero();
    Result attached = script.pinnaceReading("some\n", "attach", "box");
    assertThat(attached.out()).isEqualTo("got=some\n");
    assertThat(attached.code()).isEqualTo(6);
    Result stopped = script.pinnace("attach", "box");
    String format = "{{.Config.StdinOnce}}";
    assertThat(script.pinnace("inspect", "-f", format, "box").line()).isEqualTo("false");
    assertThat(script.pinnace("create", "-i", "--name", "once", "busy", "busybox", "cat").code())
        .isZero();
    assertThat(script.pinnace("inspect", "-f", format, "once").line()).isEqualTo("true");
    assertThat(script.pinnace("start", "once").code()).isZero();
    Result once = script.pinnaceReading("one\n", "attach", "once");
    assertThat(once.out()).isEqualTo("one\n");
    assertThat(once.code()).isZero();
    assertThat(stopped.code()).isEqualTo(125);
    assertThat(stopped.err()).contains("does not run");
  }
}

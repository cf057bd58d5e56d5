package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Commands that pass bytes of containers on. */
@Needs("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamsScriptTest {
  private Script script = new Script(Path.of(""));

  @BeforeAll
  void makeImage(@TempDir Path home) throws Exception {
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sh", "sleep", "cat").code()).isZero();
  }

  @AfterEach
  void removeContainers() throws Exception {
    for (String id : script.pinnace("ps", "-aq").out().lines().toList()) {
      assertThat(script.pinnace("rm", "-f", id).code()).isZero();
    }
  }

  @AfterAll
  void removeImage() throws Exception {
    assertThat(script.pinnace("rmi", "tools").code()).isZero();
  }

  @Test
  void run_attach_passesTheNamedStreamsOn() throws Exception {
    String both = "cat; echo out; echo err >&2; exit 4";
    Result out = script.pinnace("run", "--rm", "-a", "stdout", "tools", "sh", "-c", both);
    assertThat(out.out()).isEqualTo("out\n");
    assertThat(out.err()).isEmpty();
    assertThat(out.code()).isEqualTo(4);
    Result err =
        script.pinnaceReading(
            "in\n",
            "run",
            "--rm",
            "-i",
            "--attach",
            "STDERR",
            "-a",
            "stdin",
            "tools",
            "sh",
            "-c",
            both);
    assertThat(err.out()).isEmpty();
    assertThat(err.err()).isEqualTo("err\n");
    Result silent =
        script.pinnaceReading(
            "in\n", "run", "-i", "-a", "stdin", "--name", "fed", "tools", "sh", "-c", both);
    assertThat(silent.line()).hasSize(64);
    assertThat(silent.err()).isEmpty();
    assertThat(script.pinnace("logs", "fed").out()).isEqualTo("in\nout\n");
    Result both125 = script.pinnace("run", "-d", "-a", "stdout", "tools", "sh");
    assertThat(both125.code()).isEqualTo(125);
    assertThat(both125.err()).contains("--attach contradicts --detach");
  }

  @Test
  void logs_sinceUntilAndTimestamps() throws Exception {
    script.pinnace(
        "run", "-d", "--name", "two", "tools", "sh", "-c", "echo one; sleep 1.2; echo two");
    script.pinnace("wait", "two");
    List<String> lines = script.pinnace("logs", "-t", "two").out().lines().toList();
    assertThat(lines).hasSize(2).allMatch(line -> line.matches("\\S+Z (one|two)"));
    Instant first = Instant.parse(lines.get(0).split(" ", 2)[0]);
    String between = first.plusMillis(600).toString();
    assertThat(script.pinnace("logs", "--since", between, "two").out()).isEqualTo("two\n");
    assertThat(script.pinnace("logs", "--until", between, "two").out()).isEqualTo("one\n");
    assertThat(script.pinnace("logs", "-f", "--until", between, "two").out()).isEqualTo("one\n");
    assertThat(script.pinnace("logs", "--since", "1h", "--until", "0s", "two").out())
        .isEqualTo("one\ntwo\n");
    assertThat(script.pinnace("logs", "--since", "soon", "two").err())
        .contains("--since soon is not a time");
  }

  @Test
  void logs_followedUntil_endWhileItRuns() throws Exception {
    script.pinnace("run", "-d", "--name", "on", "tools", "sh", "-c", "echo one; sleep 1000");
    Result logs =
        script.pinnace("logs", "-f", "--until", Instant.now().plusSeconds(6).toString(), "on");
    assertThat(logs.code()).isZero();
    assertThat(logs.out()).isEqualTo("one\n");
    assertThat(script.pinnace("ps", "-q").out()).isNotEmpty();
  }

  @Test
  void cp_aTarOnStandardInput_intoADirectory() throws Exception {
    script.pinnace("create", "--name", "from", "tools", "sh", "-c", "echo text >/file");
    script.pinnace("start", "-a", "from");
    String tar = script.pinnace("cp", "from:/file", "-").out();
    script.pinnace("create", "--name", "to", "tools", "cat", "/tmp/file");
    assertThat(script.pinnaceReading(tar, "cp", "-", "to:/tmp").err()).isEmpty();
    assertThat(script.pinnace("start", "-a", "to").out()).isEqualTo("text\n");
    assertThat(script.pinnaceReading("no tar", "cp", "-", "to:/tmp").code()).isEqualTo(125);
  }

  @Test
  void exec_privileged_hasEveryCapability() throws Exception {
    script.pinnace("run", "-d", "--name", "box", "tools", "sleep", "1000");
    String[] status = {
      "sh",
      "-c",
      "while read -r name set; do case $name in CapEff:|Seccomp:) echo $set;; esac; done"
          + " </proc/self/status"
    };
    Result usual = script.pinnace("exec", "box", status[0], status[1], status[2]);
    Result all = script.pinnace("exec", "--privileged", "box", status[0], status[1], status[2]);
    assertThat(usual.out()).isEqualTo("00000000a80425fb\n2\n");
    assertThat(all.out()).matches("0000.*ffff\n0\n").isNotEqualTo(usual.out());
  }

  @Test
  void exec_unsetVariable_isTakenAway() throws Exception {
    script.pinnace("run", "-d", "--name", "box", "-e", "GREETING=hello", "tools", "sleep", "1000");
    assertThat(script.pinnace("exec", "box", "sh", "-c", "echo [$GREETING]").line())
        .isEqualTo("[hello]");
    assertThat(
            script.pinnace("exec", "-e", "GREETING", "box", "sh", "-c", "echo [$GREETING]").line())
        .isEqualTo("[]");
  }
}

package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The subcommands that look at a container, and that call it otherwise. */
@Needs({"root", "busybox"})
@Timeout(120)
class LooksTest {
  @TempDir private Path home;
  private Script script;

  @BeforeEach
  void start() throws Exception {
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "busybox").code()).isZero();
    String begin = "busybox touch \"/$(busybox printf 'odd\\033[31m')\"; exec busybox sleep 1000";
    assertThat(
            script
                .pinnace("run", "-d", "--name", "mine", "tools", "busybox", "sh", "-c", begin)
                .code())
        .isZero();
  }

  @AfterEach
  void remove() throws Exception {
    script.pinnace("rm", "-f", "mine", "yours");
  }

  @Test
  void diff_showsNamesThatCannotSteerATerminal() throws Exception {
    Result diff = script.pinnace("diff", "mine");
    for (int i = 0; i < 50 && diff.out().isEmpty(); i++) {
      diff = script.pinnace("diff", "mine");
    }
    assertThat(diff.line()).isEqualTo("A /odd\\u001b[31m");
    assertThat(script.pinnace("diff", "nobody").err())
        .isEqualTo("pinnace: there is no container \"nobody\"\n");
  }

  @Test
  void top_hasTheColumnsOfPs() throws Exception {
    Result top = script.pinnace("top", "mine");
    assertThat(top.out().lines().findFirst().orElseThrow().split(" +"))
        .containsExactly("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");
    assertThat(top.out().lines()).hasSize(2).last().asString().contains(" busybox ");
    assertThat(script.pinnace("stop", "-t", "0", "mine").code()).isZero();
    Result stopped = script.pinnace("top", "mine");
    assertThat(stopped.code()).isEqualTo(125);
    assertThat(stopped.err()).isEqualTo("pinnace: container mine does not run\n");
  }

  @Test
  void rename_isSeenByTheNextCall() throws Exception {
    assertThat(script.pinnace("rename", "mine", "yours").code()).isZero();
    assertThat(script.pinnace("ps", "--format", "{{.Names}}").line()).isEqualTo("yours");
    Result wrong = script.pinnace("rename", "yours", "a b");
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).startsWith("pinnace: \"a b\" cannot name a container");
    assertThat(script.pinnace("rename", "yours").code()).isEqualTo(125);
  }
}

package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.HostFeature;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pinnace update}. */
@Needs("root")
class UpdateScriptTest {
  @Test
  void update_printsEachName_orSaysWhyNot(@TempDir Path home) throws Exception {
    Script script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sleep").code()).isZero();
    assertThat(script.pinnace("run", "-d", "--name", "one", "tools", "sleep", "600").code())
        .isZero();
    assertThat(script.pinnace("create", "--name", "two", "tools", "sleep", "600").code()).isZero();
    try {
      Result lifted = script.pinnace("update", "--pids-limit", "-1", "one", "two");
      assertThat(lifted.err()).isEmpty();
      assertThat(lifted.out()).isEqualTo("one\ntwo\n");

      Result limited = script.pinnace("container", "update", "--pids-limit", "50", "one", "two");
      String pids =
          script.pinnace("inspect", "-f", "{{.HostConfig.PidsLimit}}", "one", "two").out();
      if (HostFeature.isMet("cgroup-v2-pids")) {
        assertThat(limited.out()).isEqualTo("one\ntwo\n");
        assertThat(pids).isEqualTo("50\n50\n");
      } else {
        assertThat(limited.code()).isEqualTo(125);
        assertThat(limited.err().lines()).hasSize(2).allMatch(line -> line.contains("pids.max"));
        assertThat(pids).isEqualTo("0\n0\n");
      }

      Result again = script.pinnace("update", "--restart", "on-failure:3", "one", "two");
      assertThat(again.out()).isEqualTo("one\ntwo\n");
      assertThat(
              script
                  .pinnace("inspect", "-f", "{{json .HostConfig.RestartPolicy}}", "one", "two")
                  .out()
                  .lines())
          .allMatch(line -> line.contains("on-failure") && line.contains("3"));
      Result unknown = script.pinnace("update", "--restart", "sometimes", "one");
      assertThat(unknown.code()).isEqualTo(125);
      assertThat(unknown.err()).contains("is not a restart policy").hasLineCount(1);

      Result nothing = script.pinnace("update", "one");
      assertThat(nothing.code()).isEqualTo(125);
      assertThat(nothing.err()).contains("give a flag").hasLineCount(1);
      Result wrong = script.pinnace("update", "-m", "much", "one", "two");
      assertThat(wrong.code()).isEqualTo(125);
      assertThat(wrong.err()).contains("much").hasLineCount(1);
    } finally {
      assertThat(script.pinnace("rm", "-f", "one", "two").code()).isZero();
    }
  }
}

package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Health checks on the command line. */
@Needs("root")
class HealthScriptTest {
  @Test
  void health_inPsInspectAndEvents(@TempDir Path home) throws Exception {
    Script script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sleep", "sh").code()).isZero();
    try {
      Result run =
          script.pinnace(
              "run",
              "--name",
              "well",
              "--health-cmd",
              "echo fine",
              "--health-interval",
              "50ms",
              "--health-timeout",
              "1m",
              "--health-retries",
              "5",
              "--health-start-period",
              "0",
              "tools",
              "sleep",
              "2");
      assertThat(run.err()).isEmpty();
      String health = "{{.State.Health.Status}} {{.State.Health.FailingStreak}}";
      assertThat(script.pinnace("inspect", "-f", health, "well").line()).isEqualTo("healthy 0");
      assertThat(script.pinnace("inspect", "-f", "{{json .Config.Healthcheck}}", "well").line())
          .isEqualTo(
              "{\"Test\":[\"CMD-SHELL\",\"echo fine\"],\"Interval\":50000000,"
                  + "\"Timeout\":60000000000,\"Retries\":5}");
      assertThat(
              script
                  .pinnace(
                      "events", "--since", "1h", "--until", "0s", "--filter", "event=health_status")
                  .out())
          .contains(" container health_status: healthy ")
          .hasLineCount(1);

      assertThat(
              script
                  .pinnace(
                      "run",
                      "-d",
                      "--name",
                      "new",
                      "--health-cmd",
                      "exit 1",
                      "tools",
                      "sleep",
                      "600")
                  .code())
          .isZero();
      assertThat(script.pinnace("run", "-d", "--name", "none", "tools", "sleep", "600").code())
          .isZero();
      assertThat(
              script
                  .pinnace(
                      "ps", "--filter", "health=starting", "--format", "{{.Names}}: {{.Status}}")
                  .line())
          .startsWith("new: Up ")
          .endsWith(" (health: starting)");
      assertThat(script.pinnace("ps", "-q", "--filter", "health=none").out()).hasLineCount(1);

      assertThat(
              script
                  .pinnace("create", "--name", "off", "--health-cmd", "none", "tools", "sh")
                  .code())
          .isZero();
      assertThat(script.pinnace("inspect", "-f", "{{json .Config.Healthcheck}}", "off").line())
          .isEqualTo("{\"Test\":[\"NONE\"]}");

      Result both = script.pinnace("create", "--no-healthcheck", "--health-cmd", "x", "tools");
      assertThat(both.code()).isEqualTo(125);
      assertThat(both.err()).contains("--no-healthcheck contradicts").hasLineCount(1);
      Result wrong = script.pinnace("ps", "--filter", "health=good");
      assertThat(wrong.err()).contains("use starting, healthy, unhealthy or none");
    } finally {
      script.pinnace("rm", "-f", "well", "new", "none", "off");
    }
  }
}

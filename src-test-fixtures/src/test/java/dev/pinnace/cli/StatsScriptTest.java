package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Call;
import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code pinnace stats}. */
@Needs("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StatsScriptTest {
  private static final String SIZES = "(--|[\\d.]+\\w+ / [\\d.]+\\w+)";
  private static final String ROW =
      "[0-9a-f]{12} +%s +\\d+\\.\\d\\d%% +"
          + SIZES
          + " +(--|[\\d.]+%%) +0B / 0B +"
          + SIZES
          + " +(--|\\d+)";

  private Path home = Path.of("");
  private Script script = new Script(home);

  @BeforeAll
  void startContainers(@TempDir Path directory) throws Exception {
    home = directory;
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sh", "sleep").code()).isZero();
    String busy = "while :; do :; done";
    assertThat(script.pinnace("run", "-d", "--name", "busy", "tools", "sh", "-c", busy).code())
        .isZero();
    assertThat(script.pinnace("create", "--name", "idle", "tools", "sleep", "600").code()).isZero();
  }

  @AfterAll
  void removeContainers() throws Exception {
    for (String id : script.pinnace("ps", "-aq").out().lines().toList()) {
      assertThat(script.pinnace("rm", "-f", id).code()).isZero();
    }
  }

  @Test
  void stats_once_showsThoseThatRun() throws Exception {
    Result result = script.pinnace("stats", "--no-stream");
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines()).hasSize(2);
    assertThat(result.out().lines().findFirst().orElseThrow())
        .matches("CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O +PIDS");
    assertThat(result.out().lines().skip(1).findFirst().orElseThrow())
        .matches(ROW.formatted("busy"));
    assertThat(result.code()).isZero();
  }

  @Test
  void stats_ofAll_orOfOneThatDoesNotRun_hasLinesWithoutNumbers() throws Exception {
    String format = "{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.NetIO}} {{.PIDs}}";
    Result all = script.pinnace("stats", "--no-stream", "-a", "--format", format);
    assertThat(all.out().lines()).hasSize(2).contains("idle -- -- -- --");
    Result named = script.pinnace("container", "stats", "--no-stream", "--format", format, "idle");
    assertThat(named.out()).isEqualTo("idle -- -- -- --\n");
  }

  @Test
  void stats_asJson_withWholeIds() throws Exception {
    Result result =
        script.pinnace("stats", "--no-stream", "--no-trunc", "--format", "json", "busy");
    assertThat(result.line())
        .matches("\\{.*\"ID\":\"[0-9a-f]{64}\".*\"CPUPerc\":\"\\d+\\.\\d\\d%\".*}")
        .contains("\"Container\":\"busy\"", "\"NetIO\":\"0B / 0B\"");
    double busy =
        Double.parseDouble(result.out().replaceAll("(?s).*\"CPUPerc\":\"([\\d.]+).*", "$1"));
    assertThat(busy).isBetween(1.0, 150.0);
  }

  @Test
  void stats_whatIsNotThere_isRefused() throws Exception {
    Result missing = script.pinnace("stats", "busy", "nobody");
    assertThat(missing.code()).isEqualTo(125);
    assertThat(missing.err()).contains("nobody");
    assertThat(missing.out()).isEmpty();
    Result field = script.pinnace("stats", "--format", "{{.Nothing}}");
    assertThat(field.code()).isEqualTo(125);
    assertThat(field.err()).contains(".Nothing", "CPUPerc");
  }

  @Test
  void stats_streamed_hasOneHead_andEndsWithItsContainers() throws Exception {
    script.pinnace("run", "-d", "--name", "brief", "tools", "sleep", "600");
    Call call = script.start("stats", "brief");
    call.awaitOutput("brief");
    while (Files.readString(call.out()).lines().count() < 3) {
      Thread.sleep(50);
    }
    script.pinnace("rm", "-f", "brief");
    Result result = call.await();
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines().filter(line -> line.startsWith("CONTAINER ID"))).hasSize(1);
  }

  @Test
  void stats_streamed_endsAsLogsDo() throws Exception {
    assertThat(script.piped("head -n 2", "stats", "busy").err()).isEqualTo("code 141\n");
    Call call = script.start("stats");
    call.awaitOutput("busy");
    assertThat(new ProcessBuilder("kill", "-INT", call.process().pid() + "").start().waitFor())
        .isZero();
    assertThat(call.await().code()).isEqualTo(130);
  }

  @Test
  void stats_onATerminal_isShownInPlace() throws Exception {
    Path seen = home.resolve("terminal");
    Process process = script.onTerminal(seen, 120, "stats", "busy");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(seen) || Files.readString(seen).split("CONTAINER ID", -1).length < 3) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(50);
    }
    process.descendants().forEach(ProcessHandle::destroy);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(seen)).contains("\033[H\033[J");
  }
}

package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code pinnace events} and {@code pinnace wait --condition}. */
@Needs("root")
@Timeout(180)
class EventsScriptTest {
  private Script script;

  @BeforeEach
  void image(@TempDir Path home) throws Exception {
    script = new Script(home);
    assertThat(script.pinnace("import-host", "-t", "tools", "sh", "sleep").code()).isZero();
  }

  private Result past(String... more) throws Exception {
    List<String> words =
        new java.util.ArrayList<>(List.of("events", "--since", "1h", "--until", "0s"));
    words.addAll(List.of(more));
    return script.pinnace(words.toArray(String[]::new));
  }

  @Test
  void past_isPrintedAsAsked() throws Exception {
    assertThat(
            script
                .pinnace("run", "--rm", "--name", "one", "-l", "a=b", "tools", "sh", "-c", "exit 3")
                .code())
        .isEqualTo(3);
    Result all = past();
    assertThat(all.err()).isEmpty();
    assertThat(all.out().lines().map(line -> line.split(" ", -1)[2]))
        .containsExactly("import", "create", "start", "die", "destroy");
    assertThat(all.out().lines().skip(3).findFirst().orElseThrow())
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}\\S+ container die [0-9a-f]{64}"
                + " \\(a=b, exitCode=3, image=tools, name=one\\)");

    assertThat(
            past("-f", "event=die", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}").out())
        .isEqualTo("die 3\n");
    assertThat(
            past("-f", "event=start", "-f", "label=a=b", "-f", "type=container", "--format", "json")
                .line())
        .startsWith("{\"status\":\"start\",\"id\":\"")
        .contains("\"from\":\"tools\",\"Type\":\"container\",\"Action\":\"start\"");
    assertThat(past("-f", "container=two").out()).isEmpty();
    assertThat(past("-f", "image=tools", "-f", "event=destroy").out()).hasLineCount(1);
  }

  @Test
  void whatIsWrong_isRefused() throws Exception {
    assertThat(past("-f", "event=explode").err())
        .contains("there is no such event")
        .hasLineCount(1);
    assertThat(past("-f", "color=red").err()).contains("color=red is not known").hasLineCount(1);
    assertThat(past("-f", "type=plugin").err())
        .contains("container, image, network and volume")
        .hasLineCount(1);
    assertThat(past("-f", "event").err()).contains("NAME=VALUE").hasLineCount(1);
    assertThat(script.pinnace("events", "--since", "never").err()).contains("is not a time");
    assertThat(script.pinnace("wait", "--condition", "soon", "x").err())
        .contains("not-running, next-exit or removed")
        .hasLineCount(1);
  }

  @Test
  void follows_untilItIsEnded_andWaitsForConditions() throws Exception {
    String held = "while [ ! -e /go ]; do sleep 0.1; done; exit 4";
    assertThat(script.pinnace("run", "-d", "--name", "two", "tools", "sh", "-c", held).code())
        .isZero();
    Script.Call following = script.start("events", "--since", "1h", "-f", "container=two");
    Script.Call next = script.start("wait", "--condition", "next-exit", "two");
    Script.Call removed = script.start("wait", "--condition", "removed", "two");
    awaitFollowing(next.process());
    awaitFollowing(removed.process());
    assertThat(script.pinnace("exec", "two", "sh", "-c", ": >/go").code()).isZero();
    assertThat(next.await().line()).isEqualTo("4");
    assertThat(removed.process().isAlive()).isTrue();
    assertThat(script.pinnace("rm", "two").code()).isZero();
    assertThat(removed.await().line()).isEqualTo("4");
    following.awaitOutput(" destroy ");
    assertThat(script.cgroups()).as("of the engine that is open").isNotEmpty();
    following.process().destroy();
    assertThat(following.await().out().lines().map(line -> line.split(" ", -1)[2]))
        .contains("create", "start", "die", "destroy");
    assertThat(script.cgroups()).as("after its end by a signal").isEmpty();
  }

  @Test
  void waits_forAllAtOnce_andPrintsInTheirOrder() throws Exception {
    for (String[] each : new String[][] {{"late", "3"}, {"early", "4"}}) {
      String exit = "exit " + each[1];
      assertThat(script.pinnace("run", "--name", each[0], "tools", "sh", "-c", exit).code())
          .isEqualTo(Integer.parseInt(each[1]));
    }
    Script.Call waiting = script.start("wait", "--condition", "removed", "late", "early", "none");
    awaitFollowing(waiting.process(), 2);
    assertThat(script.pinnace("rm", "early").code()).isZero();
    assertThat(waiting.process().isAlive()).isTrue();
    assertThat(script.pinnace("rm", "late").code()).isZero();
    Script.Result end = waiting.await();
    assertThat(end.out()).isEqualTo("3\n4\n");
    assertThat(end.err()).contains("none").hasLineCount(1);
    assertThat(end.code()).isEqualTo(125);
  }

  /** Whoever follows events has an inotify descriptor. */
  private static void awaitFollowing(Process process) throws Exception {
    awaitFollowing(process, 1);
  }

  private static void awaitFollowing(Process process, int followers) throws Exception {
    Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
    while (process.isAlive() && inotifies(descriptors) < followers) {
      Thread.sleep(20);
    }
    assertThat(process.isAlive()).isTrue();
  }

  private static long inotifies(Path descriptors) throws IOException {
    try (Stream<Path> all = Files.list(descriptors)) {
      return all.filter(
              fd -> {
                try {
                  return Files.readSymbolicLink(fd).toString().contains("inotify");
                } catch (IOException closedMeanwhile) {
                  return false;
                }
              })
          .count();
    }
  }
}

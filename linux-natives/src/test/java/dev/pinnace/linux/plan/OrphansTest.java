package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a cgroup and a pid namespace nothing but the supervisor ends what a container leaves. */
@Tag("vm-too")
class OrphansTest {
  @TempDir Path directory;

  private Launched run(SupervisorPolicy.Builder policy, String script) {
    return Launched.of(directory, TestPlans.script(policy, "cd '" + directory + "'; " + script));
  }

  private List<String> started() throws IOException {
    return Files.readAllLines(directory.resolve("pids"));
  }

  private static boolean isThere(String pid) {
    return Files.exists(Path.of("/proc", pid));
  }

  @Test
  void end_endsWhatRunsInTheBackground_withItsDescendants() throws IOException {
    String family =
        ": >pids; for i in 1 2 3 4 5; do"
            + " setsid sh -c 'echo $$ >>pids; sleep 600 & echo $! >>pids; wait' &"
            + " done; while [ \"$(wc -l <pids)\" -lt 10 ]; do sleep 0.01; done; exit 3";
    try (Launched launched = run(TestPlans.policy(), family)) {
      assertThat(launched.end().code()).isEqualTo(3);
      assertThat(started()).hasSize(10).noneMatch(OrphansTest::isThere);
    }
  }

  @Test
  void restart_beginsWithoutThoseOfTheRunBefore() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().restart(SupervisorPolicy.Restart.ON_FAILURE, 3);
    String script =
        "if [ -e pids ]; then kill -0 \"$(cat pids)\" && exit 0; exit 7; fi;"
            + " sleep 600 & echo $! >pids; exit 1";
    try (Launched launched = run(policy, script)) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.restarts())).containsExactly(7, 3);
      assertThat(started()).hasSize(1).noneMatch(OrphansTest::isThere);
    }
  }
}

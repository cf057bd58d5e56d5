package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Ulimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What root may give to a container with a user map, though nobody in that could take it. */
@Tag("vm")
@Needs({"root", "user-namespaces"})
class UserMapTest extends GuestFixture {
  private static ContainerSpecBuilder waiting() {
    return sandbox.sh("sleep 600").userMap(200_000, 200_000, 65_536);
  }

  @Test
  void oomScore_isLowered() {
    Container container = start(waiting().oomScoreAdj(-77));
    assertThat(
            container.execute("cat", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj").stdout())
        .isEqualTo("-77\n-77\n");
    container.remove(true);
  }

  private static String limit(String limits, String name) {
    return limits.lines().filter(line -> line.startsWith(name)).findFirst().orElseThrow();
  }

  @Test
  void limits_areRaisedBeyondTheJvmsOwn() throws IOException {
    assertThat(limit(Files.readString(Path.of("/proc/self/limits")), "Max msgqueue size"))
        .containsPattern(" 819200 +819200 ");
    Container container =
        start(
            waiting()
                .ulimit(Ulimit.parse("msgqueue=1000000:2000000"))
                .ulimit(Ulimit.parse("nofile=70000:80000")));
    for (String process : new String[] {"1", "self"}) {
      String limits = container.execute("cat", "/proc/" + process + "/limits").stdout();
      assertThat(limit(limits, "Max msgqueue size")).containsPattern(" 1000000 +2000000 ");
      assertThat(limit(limits, "Max open files")).containsPattern(" 70000 +80000 ");
    }
    container.remove(true);
  }
}

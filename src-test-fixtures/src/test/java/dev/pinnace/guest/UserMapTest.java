package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
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
}

package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * CVE-2021-30465, CVE-2024-45310: a container swaps a directory of a shared volume for a symbolic
 * link while another one that mounts below it is started.
 */
@Needs({"root", "gcc"})
@Timeout(600)
class MountRaceTest {
  private static final int STARTS = 2000;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @Test
  void start_linkSwappedUnderTheMountPoint() throws IOException {
    Path host = Files.createDirectory(PLACE.directory().resolve("host"));
    Files.writeString(host.resolve("canary"), "host\n");
    Path shared = Files.createDirectory(PLACE.directory().resolve("shared"));
    Files.createDirectory(shared.resolve("one"));
    Files.createSymbolicLink(shared.resolve("two"), Path.of("../../../../.." + host));
    Path payload = Files.createDirectory(PLACE.directory().resolve("payload"));
    Files.writeString(payload.resolve("mark"), "payload\n");

    Pinnace pinnace = PLACE.pinnace();
    ContainerSpecBuilder swapper =
        Tools.container(pinnace, Tools.probe(), "swap", "/shared/one", "/shared/two")
            .mount(Mount.bind(shared).at("/shared"));
    ContainerSpecBuilder victim =
        Tools.container(
                pinnace, "cat", "/shared/one/deep/canary", "/shared/one/canary", host + "/canary")
            .mount(Mount.bind(shared).at("/shared"))
            .mount(Mount.bind(payload).at("/shared/one/deep/er"));
    int ran = 0;
    Set<Boolean> seenAsLink = new HashSet<>();
    try (var running = pinnace.containers().scoped(swapper)) {
      for (int i = 0; i < STARTS; i++) {
        seenAsLink.add(Files.isSymbolicLink(shared.resolve("one")));
        try {
          RunResult result = pinnace.containers().run(victim);
          assertThat(result.stdout()).doesNotContain("host");
          ran++;
        } catch (StartFailedException lostTheRace) {
          assertThat(lostTheRace).hasMessageContaining("/shared/one/deep/er");
        }
      }
      assertThat(running.inspect().status().isAlive()).as("it swapped to the end").isTrue();
    }
    assertThat(seenAsLink).as("it was swapped at all").containsExactlyInAnyOrder(true, false);
    assertThat(ran).isPositive();
    assertThat(host).isDirectoryNotContaining(file -> !file.endsWith("canary"));
    assertThat(host.resolve("canary")).hasContent("host\n");
    assertThat(payload).isDirectoryNotContaining(file -> !file.endsWith("mark"));
  }
}

package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
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
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * CVE-2021-30465, CVE-2024-45310: a container swaps a directory of a shared volume for a symbolic
 * link while another one that mounts below it, or what is in it, is started. For more starts than
 * by default: {@code -Dpinnace.races=20000}.
 */
@Needs({"root", "gcc"})
@Timeout(600)
class MountRaceTest {

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static Path host(String name) throws IOException {
    Path host = Files.createDirectory(PLACE.directory().resolve("host-" + name));
    Files.writeString(host.resolve("canary"), "host\n");
    return host;
  }

  /** With a directory {@code one}, to be swapped with the link {@code two}. */
  private static Path shared(String name, Path link) throws IOException {
    return filled(Files.createDirectory(PLACE.directory().resolve("shared-" + name)), link);
  }

  /** The same in a volume. */
  private static Path sharedVolume(String name, Path link) throws IOException {
    return filled(PLACE.pinnace().volumes().create(name).inspect().path().orElseThrow(), link);
  }

  private static Path filled(Path shared, Path link) throws IOException {
    Files.createDirectory(shared.resolve("one"));
    Files.createSymbolicLink(shared.resolve("two"), link);
    return shared;
  }

  private static ContainerSpecBuilder swapper(Path shared) {
    return Tools.container(PLACE.pinnace(), Tools.probe(), "swap", "/shared/one", "/shared/two")
        .mount(Mount.bind(shared).at("/shared"));
  }

  private static void assertUntouched(Path host) {
    assertThat(host).isDirectoryNotContaining(file -> !file.endsWith("canary"));
    assertThat(host.resolve("canary")).hasContent("host\n");
  }

  @ParameterizedTest
  @CsvSource({
    "relative, one, false",
    "absolute, one, false",
    "mapped, one/deep, true",
    "volume, one, false",
    "mapped-volume, one/deep, true"
  })
  void start_linkSwappedInTheSubPath(String name, String subPath, boolean mapped)
      throws IOException {
    Path host = host(name);
    Files.createDirectory(host.resolve("deep"));
    Files.writeString(host.resolve("deep/canary"), "host\n");
    Path link = name.equals("relative") ? Path.of("../../../../.." + host) : host;
    Path shared = name.endsWith("volume") ? sharedVolume(name, link) : shared(name, link);
    Mount mount = name.endsWith("volume") ? Mount.volume(name) : Mount.bind(shared);
    Files.createDirectory(shared.resolve("one/deep"));
    for (String directory : List.of("one", "one/deep")) {
      Files.writeString(shared.resolve(directory + "/own"), "own\n");
    }
    Pinnace pinnace = PLACE.pinnace();
    ContainerSpecBuilder victim =
        Tools.container(pinnace, "sh", "-c", "cat /m/canary 2>/dev/null; cat /m/own; : >/m/new")
            .mount(mount.at("/m").subPath(subPath));
    if (mapped) {
      victim.userMap(200_000, 200_000, 65_536);
    }
    int ran = 0;
    int refused = 0;
    try (var running = pinnace.containers().scoped(swapper(shared))) {
      for (int i = Integer.getInteger("pinnace.races", 400); i > 0; i--) {
        try {
          assertThat(pinnace.containers().run(victim).stdout()).isEqualTo("own\n");
          ran++;
        } catch (StartFailedException | NotFoundException lostTheRace) {
          assertThat(lostTheRace).hasMessageContaining(subPath + " in " + shared);
          refused++;
        }
      }
      assertThat(running.inspect().status().isAlive()).as("it swapped to the end").isTrue();
    }
    assertThat(ran).isPositive();
    assertThat(refused).as("it was swapped at all").isPositive();
    assertThat(host).isDirectoryNotContaining(file -> file.endsWith("new"));
    assertThat(host.resolve("deep")).isDirectoryNotContaining(file -> file.endsWith("new"));
    assertThat(host.resolve("canary")).hasContent("host\n");
    if (name.endsWith("volume")) {
      pinnace.volumes().get(name).remove();
    }
  }

  @Test
  void start_linkSwappedUnderTheMountPoint() throws IOException {
    Path host = host("nested");
    Path shared = shared("nested", Path.of("../../../../.." + host));
    Path payload = Files.createDirectory(PLACE.directory().resolve("payload"));
    Files.writeString(payload.resolve("mark"), "payload\n");

    Pinnace pinnace = PLACE.pinnace();
    ContainerSpecBuilder victim =
        Tools.container(
                pinnace, "cat", "/shared/one/deep/canary", "/shared/one/canary", host + "/canary")
            .mount(Mount.bind(shared).at("/shared"))
            .mount(Mount.bind(payload).at("/shared/one/deep/er"));
    int ran = 0;
    Set<Boolean> seenAsLink = new HashSet<>();
    try (var running = pinnace.containers().scoped(swapper(shared))) {
      for (int i = Integer.getInteger("pinnace.races", 2000); i > 0; i--) {
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
    assertUntouched(host);
    assertThat(payload).isDirectoryNotContaining(file -> !file.endsWith("mark"));
  }
}

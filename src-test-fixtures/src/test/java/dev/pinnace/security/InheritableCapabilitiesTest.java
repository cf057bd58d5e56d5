package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.ScopedContainer;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CVE-2022-29162, CVE-2022-27649, CVE-2022-27650: capabilities that a process inherits, and an
 * executable file can have permitted, of which its user is meant to have none. Neither programs of
 * a container have any, nor what is executed in it later.
 */
@Needs({"root", "gcc"})
@Timeout(60)
class InheritableCapabilitiesTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static final String NONE = "0000000000000000";

  private static ContainerSpecBuilder container(String profile, String... command) {
    ContainerSpecBuilder spec = Tools.container(PLACE.pinnace(), command);
    return switch (profile) {
      case "more" -> spec.capAdd("SYS_ADMIN").capAdd("DAC_READ_SEARCH");
      case "privileged" -> spec.privileged();
      default -> spec;
    };
  }

  private static void assertNothingIsInherited(String status) {
    assertThat(status)
        .contains("CapInh:\t" + NONE + "\n", "CapAmb:\t" + NONE + "\n")
        .doesNotContain("CapBnd:\t" + NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "more", "privileged"})
  void run_hasNone(String profile) {
    for (String user : new String[] {"0", "1000"}) {
      assertNothingIsInherited(
          Tools.output(PLACE.pinnace(), container(profile, "cat", "/proc/self/status").user(user)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "more", "privileged"})
  void exec_hasNone(String profile) {
    ExecSpec status = ExecSpec.of("cat", "/proc/self/status");
    try (ScopedContainer container =
        PLACE.pinnace().containers().scoped(container(profile, "sleep", "60"))) {
      for (String user : new String[] {"0", "1000"}) {
        assertNothingIsInherited(container.execute(status.withUser(user)).stdout());
        assertNothingIsInherited(
            container.execute(status.withUser(user).withPrivileges()).stdout());
      }
    }
  }

  /** Nor has a shell of a user more than the bounding set: nothing is permitted or in effect. */
  @Test
  void exec_asAUser_permitsNothing() {
    try (ScopedContainer container =
        PLACE.pinnace().containers().scoped(container("more", "sleep", "60"))) {
      assertThat(
              container.execute(ExecSpec.of("cat", "/proc/self/status").withUser("1000")).stdout())
          .contains("CapPrm:\t" + NONE + "\n", "CapEff:\t" + NONE + "\n");
    }
  }
}

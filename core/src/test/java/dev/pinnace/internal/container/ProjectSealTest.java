package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.internal.isolation.linux.seccomp.DefaultSeccompProfile;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile;
import dev.pinnace.internal.isolation.linux.seccomp.SeccompProfile.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectSealTest {
  private static final long FSSETXATTR = 0x401C5820L;

  /** Of rules without conditions on capabilities or hosts; all conditions are alternatives here. */
  private static boolean permits(SeccompProfile profile, String call, long request) {
    return profile.rules().stream()
        .filter(rule -> rule.names().contains(call))
        .filter(rule -> meets(rule, request))
        .findFirst()
        .map(rule -> rule.action().permits())
        .orElse(profile.defaultAction().permits());
  }

  private static boolean meets(Rule rule, long request) {
    return rule.conditions().isEmpty()
        || rule.conditions().stream()
            .anyMatch(condition -> condition.index() == 1 && condition.matches(request));
  }

  private static SeccompProfile sealing(String profile) {
    return SeccompProfile.parse(ProjectSeal.on(profile));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\":"
            + " [{\"name\": \"ioctl\", \"action\": \"SCMP_ACT_ALLOW\"}]}",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\":"
            + " [{\"names\": [\"ioctl\", \"file_setattr\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"
      })
  void sealed_refusesThatRequestAlone_whateverItsHighBits(String text) {
    SeccompProfile profile = sealing(text.isEmpty() ? DefaultSeccompProfile.json() : text);
    assertThat(permits(profile, "ioctl", FSSETXATTR)).isFalse();
    assertThat(permits(profile, "ioctl", FSSETXATTR | 0xDEADBEEF00000000L)).isFalse();
    assertThat(permits(profile, "file_setattr", 0)).isFalse();
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      assertThat(permits(profile, "ioctl", FSSETXATTR ^ (1L << bit))).isTrue();
    }
    assertThat(permits(profile, "ioctl", 0x5401)).isTrue();
  }

  @Test
  void sealed_keepsEveryOtherCall() {
    SeccompProfile before = SeccompProfile.parse(DefaultSeccompProfile.json());
    SeccompProfile after = sealing(DefaultSeccompProfile.json());
    List<String> names =
        before.rules().stream()
            .flatMap(rule -> rule.names().stream())
            .filter(name -> !name.equals("file_setattr"))
            .toList();
    assertThat(after.rules().stream().flatMap(rule -> rule.names().stream()))
        .containsExactlyInAnyOrderElementsOf(names);
    assertThat(after.defaultAction()).isEqualTo(before.defaultAction());
    assertThat(after.archMap()).isEqualTo(before.archMap());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no JSON", "[]", "{}", "{\"syscalls\": 1}"})
  void noProfile_isLeftToItsCompiler(String text) {
    assertThat(ProjectSeal.on(text)).isEqualTo(text);
  }
}

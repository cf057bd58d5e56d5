package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.plan.Named;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountOptionsTest {
  private static List<Named> attributes(String... options) {
    return MountOptions.parse("tmpfs", List.of(options)).attributes();
  }

  @Test
  void parse_optionsThatContradictEachOther_theLastCounts() {
    assertThat(attributes("ro", "rw")).isEmpty();
    assertThat(attributes("rw", "ro")).containsExactly(MOUNT_ATTR_RDONLY);
    assertThat(attributes("nosuid", "nosuid", "suid", "noexec", "exec", "noexec"))
        .containsExactly(MOUNT_ATTR_NOEXEC);
    assertThat(attributes("nodev", "nodev", "dev")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bogus", "noatime", "bogus=1", "x-pinnace"})
  void parse_optionThatATmpfsDoesNotKnow_isRefusedWithThoseThatItDoes(String option) {
    assertThatThrownBy(() -> attributes("size=1m", option))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("does not know the option " + option)
        .hasMessageContaining("size=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size",
        "size=",
        "size=lots",
        "mode=999",
        "uid=me",
        "size=99999999999999999999",
        "size=8e",
        "nr_inodes=9007199254740992k",
      })
  void parse_valueThatATmpfsCannotHave_isRefused(String option) {
    assertThatThrownBy(() -> attributes(option))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cannot have " + option);
  }

  @Test
  void parse_whatATmpfsKnows_goesToTheFileSystem() {
    List<String> options = List.of("size=64m", "mode=1777", "uid=0", "gid=5", "nr_inodes=1k");
    assertThat(MountOptions.parse("tmpfs", options).filesystem()).isEqualTo(options);
  }
}

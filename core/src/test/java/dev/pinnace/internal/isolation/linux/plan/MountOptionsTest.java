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

  private static MountOptions bind(String... options) {
    return MountOptions.parse("bind", List.of(options));
  }

  @Test
  void parse_propagation_theLastCounts() {
    assertThat(bind().propagation()).isEmpty();
    assertThat(bind("rslave").propagation()).contains(MS_SLAVE);
    assertThat(bind("slave", "shared").propagation()).contains(MS_SHARED);
    assertThat(bind("shared").isShared()).isTrue();
    assertThat(bind("shared", "rprivate").propagation()).isEmpty();
    assertThat(bind("rslave").isShared()).isFalse();
  }

  @Test
  void parse_propagationOfATmpfs_isRefused() {
    assertThatThrownBy(() -> attributes("rshared"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("only a bind mount propagates");
  }

  @Test
  void parse_readOnly_holdsBelowUnlessThatIsWritable() {
    assertThat(bind("ro").attributes()).containsExactly(MOUNT_ATTR_RDONLY);
    assertThat(bind("ro").topAttributes()).isEmpty();
    MountOptions writable = bind("nosuid", "ro", MountOptions.WRITABLE_BELOW);
    assertThat(writable.attributes()).containsExactly(MOUNT_ATTR_NOSUID);
    assertThat(writable.topAttributes()).containsExactly(MOUNT_ATTR_RDONLY);
    assertThat(bind(MountOptions.WRITABLE_BELOW).topAttributes()).isEmpty();
  }

  @Test
  void parse_subPathOfABind() {
    assertThat(bind(MountOptions.SUB_PATH + "a/b=c").subPath()).contains("a/b=c");
    assertThat(bind("bind").recursive()).isFalse();
    assertThat(bind().recursive()).isTrue();
  }
}

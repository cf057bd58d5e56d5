package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupPathsTest {
  @ParameterizedTest
  @CsvSource({
    "a, a",
    "a/b, a/b",
    "./a//b/./, a/b",
    "/, /",
    "/a, /a",
    "//a/./b/, /a/b",
    "/system.slice/x.service, /system.slice/x.service",
    "a b, a b",
    "/supervisors, /supervisors"
  })
  void parent_isWrittenInOneWay(String given, String kept) {
    assertThat(CgroupPaths.parent(given)).isEqualTo(kept);
    assertThat(ContainerSpec.image("i").cgroupParent(given).build().namespaces().cgroupParent())
        .hasValue(kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "./.",
        "..",
        "../x",
        "/..",
        "/a/../b",
        "a/..",
        "a\0b",
        "a\nb",
        "cgroup.procs",
        "/a/memory.max",
        "a/cpu.x",
        "hugetlb.2MB.max",
        "supervisors",
        "supervisors/x",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x",
        "start-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      })
  void parent_thatCannotBe_isRefused(String path) {
    ContainerSpecBuilder spec = ContainerSpec.image("i");
    assertThatThrownBy(() -> spec.cgroupParent(path))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("the cgroup parent");
    assertThat(spec.build().namespaces().cgroupParent()).isEmpty();
  }

  @Test
  void parent_thatIsTooLong_isRefused() {
    assertThatThrownBy(() -> CgroupPaths.parent("a/".repeat(2_000)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("too long");
    assertThatThrownBy(() -> CgroupPaths.parent("a".repeat(201)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("201 characters");
  }
}

package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.HostFeature;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  @Test
  void lines_oneCause_isSaidOnce() {
    assertThat(
            DoctorCommand.lines(
                List.of(
                    HostFeature.missing("cgroup v2", "EACCES", "delegate"),
                    HostFeature.works("namespaces", ""),
                    HostFeature.missing("memory limits", "EACCES", "delegate"),
                    HostFeature.missing("cpu limits", "EACCES", "delegate"),
                    HostFeature.missing("io limits", "not handed down", "delegate"))))
        .containsExactly(
            "  missing  cgroup v2, memory limits, cpu limits  EACCES",
            "           to fix: delegate",
            "  works    namespaces",
            "  missing  io limits  not handed down",
            "           to fix: delegate");
  }
}

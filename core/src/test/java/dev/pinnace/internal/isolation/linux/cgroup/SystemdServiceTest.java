package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SystemdServiceTest {
  private static Optional<String> over(String supervisors, String... lines) {
    return SystemdService.over(
        List.of(lines),
        supervisors.isEmpty() ? Optional.empty() : Optional.of(Path.of(supervisors)));
  }

  @Test
  void over_inItsCgroup() {
    assertThat(over("", "0::/system.slice/app.service")).contains("app.service");
    assertThat(
            over(
                "/system.slice/app.service/pinnace-k/supervisors",
                "0::/system.slice/app.service/jvm"))
        .contains("app.service");
    assertThat(over("", "0::/user.slice/user-1.slice/user@1.service/app.slice/web.service"))
        .contains("web.service");
  }

  @Test
  void over_outsideOfIt_none() {
    assertThat(over("/pinnace/k/supervisors", "0::/system.slice/app.service")).isEmpty();
    assertThat(over("/system.slice/app.service-not/supervisors", "0::/system.slice/app.service"))
        .isEmpty();
    String service = "/user.slice/user-1.slice/user@1.service";
    assertThat(over(service + "/pinnace-k/supervisors", "0::" + service + "/app.slice/web.service"))
        .isEmpty();
  }

  @Test
  void over_withoutAService_none() {
    assertThat(over("", "0::/")).isEmpty();
    assertThat(over("", "0::/user.slice/user-1.slice/session-2.scope")).isEmpty();
    assertThat(over("")).isEmpty();
  }

  @Test
  void over_whereSystemdKeepsToTheFirstVersion() {
    String named = "1:name=systemd:/system.slice/app.service";
    assertThat(over("", "4:memory:/system.slice/app.service", named, "0::/"))
        .contains("app.service");
    assertThat(over("/pinnace/k/supervisors", named)).contains("app.service");
    assertThat(over("", "4:memory:/system.slice/app.service", "0::/")).isEmpty();
  }
}

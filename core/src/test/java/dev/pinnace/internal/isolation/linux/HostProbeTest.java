package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProbeTest {
  @TempDir Path directory;

  @Test
  void thermalThrottle_ofEveryProcessorThatHasIt() throws IOException {
    for (int cpu = 0; cpu < 512; cpu++) {
      Files.createDirectories(directory.resolve("cpu" + cpu + "/thermal_throttle"));
    }
    Files.createDirectories(directory.resolve("cpu512/topology"));
    Files.createFile(directory.resolve("online"));
    assertThat(HostProbe.thermalThrottle(directory))
        .hasSize(512)
        .contains(directory + "/cpu0/thermal_throttle", directory + "/cpu511/thermal_throttle");
    assertThat(HostProbe.thermalThrottle(directory.resolve("missing"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "user/max_user_namespaces, 0, EPERM, true, sysctl user.max_user_namespaces=10000",
    "user/max_user_namespaces, 0, EPERM, false, sysctl user.max_user_namespaces=10000",
    "user/max_user_namespaces, 63000, ENOSPC, true, sysctl user.max_user_namespaces=10000",
    "user/max_user_namespaces, 63000, EPERM, false, 'run the JVM as root, or outside of'",
    "kernel/unprivileged_userns_clone, 0, EPERM, false, sysctl kernel.unprivileged_userns_clone=1",
    "kernel/unprivileged_userns_clone, 1, EPERM, false, 'run the JVM as root, or outside of'",
    "kernel/apparmor_restrict_unprivileged_userns, 1, EACCES, false,"
        + " 'sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile'",
    "kernel/apparmor_restrict_unprivileged_userns, 0, EACCES, true, start the JVM outside of",
    "kernel/unknown, 0, EPERM, true, start the JVM outside of",
  })
  void fix_isWhatTheSwitchesTell(
      String file, String value, String errno, boolean rootful, String fix) throws IOException {
    Path sysctl = directory.resolve(file);
    Files.createDirectories(sysctl.resolveSibling(""));
    Files.writeString(sysctl, value + "\n");
    Trial.Refusal refusal = new Trial.Refusal("map this user to root", Errno.number(errno));
    assertThat(HostProbe.fix(refusal, rootful, directory)).startsWith(fix);
  }

  @Test
  void fix_ofAMaskedProc() {
    for (boolean rootful : new boolean[] {true, false}) {
      assertThat(HostProbe.fix(new Trial.Refusal("mount proc", Errno.EPERM), rootful, directory))
          .startsWith("run the JVM with an unmasked /proc");
    }
  }
}

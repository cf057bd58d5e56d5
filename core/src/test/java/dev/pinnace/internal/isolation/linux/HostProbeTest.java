package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProbeTest {
  @TempDir Path cpus;

  @Test
  void thermalThrottle_ofEveryProcessorThatHasIt() throws IOException {
    for (int cpu = 0; cpu < 512; cpu++) {
      Files.createDirectories(cpus.resolve("cpu" + cpu + "/thermal_throttle"));
    }
    Files.createDirectories(cpus.resolve("cpu512/topology"));
    Files.createFile(cpus.resolve("online"));
    assertThat(HostProbe.thermalThrottle(cpus))
        .hasSize(512)
        .contains(cpus + "/cpu0/thermal_throttle", cpus + "/cpu511/thermal_throttle");
    assertThat(HostProbe.thermalThrottle(cpus.resolve("missing"))).isEmpty();
  }
}

package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.HostFeature;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A limit that cannot be enforced is refused; asking for none works. */
@Needs("root")
class MissingControllerTest {
  @Test
  void limit_withoutItsController_isRefusedWithReasonAndFix(@TempDir Path directory) {
    try (Sandbox sandbox = Sandbox.in(directory)) {
      Map<String, ContainerSpecBuilder> limits =
          Map.of(
              "memory", sandbox.sh("true").memory(Bytes.mebi(64)),
              "cpu", sandbox.sh("true").cpus(1),
              "pids", sandbox.sh("true").pids(10),
              "cpuset", sandbox.sh("true").cpusetCpus("0"),
              "io", sandbox.sh("true").ioMax("7:0 rbps=1048576"));
      limits.forEach(
          (controller, limited) -> {
            if (HostFeature.isMet("cgroup-v2-" + controller)) {
              assertThat(sandbox.run(limited).exitCode()).isZero();
            } else {
              assertThatThrownBy(() -> sandbox.pinnace().containers().create(limited))
                  .isInstanceOf(UnsupportedException.class)
                  .hasMessageContaining(controller)
                  .hasMessageContaining("leave the limit out");
              assertThat(sandbox.pinnace().info().features())
                  .anySatisfy(
                      feature -> {
                        assertThat(feature.name()).isEqualTo(controller + " limits");
                        assertThat(feature.available()).isFalse();
                        assertThat(feature.reason()).isNotEmpty();
                        assertThat(feature.fix()).isNotEmpty();
                      });
            }
          });
      assertThat(sandbox.pinnace().containers().list(ContainerFilter.all())).isEmpty();
      assertThat(sandbox.run(sandbox.sh("true")).exitCode()).isZero();
    }
  }
}

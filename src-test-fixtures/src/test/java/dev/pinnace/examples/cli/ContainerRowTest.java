package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ContainerRowTest {
  private static final Instant NOW = Instant.EPOCH.plusSeconds(90);

  private static ContainerState state(ContainerSpec spec) {
    return new ContainerState(
        new ContainerId("ab".repeat(32)),
        "web",
        Digest.parse("sha256:" + "cd".repeat(32)),
        spec,
        spec.mounts(),
        List.of(),
        Instant.EPOCH,
        ContainerStatus.CREATED,
        OptionalInt.empty(),
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void of_mountsAndNetworks() {
    ContainerSpec spec =
        ContainerSpec.image("i")
            .mount(Mount.bind(Path.of("/srv")).at("/a"))
            .mount(Mount.tmpfs().at("/t"))
            .mount(Mount.bind(Path.of("/srv/somewhere/else")).at("/b"))
            .network(NetworkMode.HOST)
            .command("a program with a long line")
            .build();
    Map<String, Object> row = ContainerRow.of(state(spec), Optional.empty(), false, NOW);
    assertThat(row)
        .containsEntry("Mounts", "/srv,/srv/somewhere…")
        .containsEntry("LocalVolumes", "0")
        .containsEntry("Networks", "host")
        .containsEntry("Command", "\"a program with a lo…\"")
        .doesNotContainKey("Size");
    assertThat(ContainerRow.of(state(spec), Optional.empty(), true, NOW))
        .containsEntry("Mounts", "/srv,/srv/somewhere/else");
  }

  @Test
  void size_ofTheContainer_andWithItsImage() {
    assertThat(ContainerRow.size(Bytes.of(4096), Optional.of(Bytes.of(7_000_000))))
        .isEqualTo("4.1kB (virtual 7MB)");
    assertThat(ContainerRow.size(Bytes.ZERO, Optional.empty())).isEqualTo("0B");
  }
}

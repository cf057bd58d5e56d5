package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CommittedConfigTest {
  @Test
  void exposedPorts_haveOneSpelling_andWhatIsNotKnownStays() {
    ExecutionConfig image =
        new ExecutionConfig(
            "",
            List.of(),
            List.of(),
            List.of("sh"),
            "",
            new TreeSet<>(Set.of("80", "53/udp", "9/sctp")),
            new TreeSet<>(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of());
    ContainerSpec spec = ContainerSpec.image("i").expose(ContainerPort.tcp(80)).build();
    assertThat(CommittedConfig.of(image, spec).exposedPorts())
        .containsExactly("53/udp", "80/tcp", "9/sctp");
  }
}

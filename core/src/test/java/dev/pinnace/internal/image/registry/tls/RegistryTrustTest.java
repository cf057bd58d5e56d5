package dev.pinnace.internal.image.registry.tls;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.spec.Registries;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose authorities count for a place, told by the file that is missed. */
class RegistryTrustTest {
  @ParameterizedTest
  @CsvSource({
    "docker.io, https://registry-1.docker.io",
    "docker.io, https://index.docker.io",
    "R.Example:5000, https://r.example:5000",
    "r.example, https://R.Example",
    "r.example:443, https://r.example",
  })
  void of_registryAsInAReference(String registry, String origin) {
    Path missing = Path.of("/nowhere/authorities.pem");
    RegistryTrust trust =
        new RegistryTrust(
            Registries.builder().certificateAuthorities(registry, missing).build(), Map.of());
    assertThatThrownBy(() -> trust.of(Origin.of(URI.create(origin))))
        .hasMessageContaining(missing.toString());
  }
}

package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Registries;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryClientTest {
  @Test
  void endpoint_isKept_butNotOfEveryHostThereEverWas() {
    try (RegistryClient client = new RegistryClient(Registries.builder().build(), Map.of())) {
      Endpoint first = client.endpoint("Registry.example.org");
      assertThat(client.endpoint("registry.example.org")).isSameAs(first);
      for (int i = 0; i < 5000; i++) {
        assertThat(client.endpoint(i + ".example.org").registry()).isEqualTo(i + ".example.org");
      }
      assertThat(client.endpoint("registry.example.org")).isNotSameAs(first);
    }
  }
}

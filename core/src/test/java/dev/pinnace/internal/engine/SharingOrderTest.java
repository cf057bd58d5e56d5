package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.ContainerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharingOrderTest {
  private static ContainerId id(String digit) {
    return new ContainerId(digit.repeat(64));
  }

  @Test
  void of_thoseFirstWhoseNamespacesAreShared() {
    Map<ContainerId, Set<String>> others = new LinkedHashMap<>();
    others.put(id("1"), Set.of(id("2").hex()));
    others.put(id("2"), Set.of(id("3").hex(), id("9").hex()));
    others.put(id("3"), Set.of());
    others.put(id("4"), Set.of());
    assertThat(SharingOrder.of(others)).containsExactly(id("3"), id("2"), id("1"), id("4"));
  }
}

package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.ContainerSpec;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Ids and proposed names. */
class NamesTest {
  @Test
  void propose_isAlwaysAName() {
    for (int attempt = 0; attempt < 200; attempt++) {
      String name = Names.propose(attempt % 10);
      assertThat(ContainerSpec.image("x").name(name).build().name()).contains(name);
    }
    assertThat(Names.propose(6)).matches("[a-z]+_[a-z]+[0-9]+");
  }

  @Test
  void id_isUnique() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      assertThat(ids.add(Names.id().hex())).isTrue();
    }
  }
}

package dev.pinnace.internal.isolation.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.oci.RuntimeConfig.IdMapping;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnerMapsTest {
  private static final List<IdMapping> MAPPED = List.of(new IdMapping(0, 100_000, 65_536));

  @Test
  void map_withoutAUserNamespace_rootIsTheOwnerAndOthersAreThemselves() {
    assertThat(OwnerMaps.map(1000, List.of()))
        .isEqualTo("1000 0 1\n1 1 999\n1001 1001 4294966294\n");
  }

  @Test
  void map_ofTheFirstAndLastId_hasNoEmptyLines() {
    assertThat(OwnerMaps.map(1, List.of())).isEqualTo("1 0 1\n2 2 4294967293\n");
    assertThat(OwnerMaps.map(4294967294L, List.of())).isEqualTo("4294967294 0 1\n1 1 4294967293\n");
    assertThat(OwnerMaps.map(0, List.of())).isEqualTo("0 0 1\n1 1 4294967294\n");
  }

  @Test
  void map_inAUserNamespace_hasItsIdsAlone() {
    assertThat(OwnerMaps.map(1000, MAPPED)).isEqualTo("1000 100000 1\n100001 100001 65535\n");
    assertThat(OwnerMaps.map(100_001, MAPPED)).isEqualTo("100001 100000 1\n100002 100002 65534\n");
    assertThat(OwnerMaps.map(5, List.of(new IdMapping(0, 9, 1)))).isEqualTo("5 9 1\n");
  }
}

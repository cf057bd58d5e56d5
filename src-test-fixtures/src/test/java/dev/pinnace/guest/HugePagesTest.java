package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Limits;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits of huge pages, of which a host need not have any to give. */
@Tag("vm-too")
@Needs({"root", "cgroup-v2-hugetlb"})
class HugePagesTest extends GuestFixture {
  private static String limit(Container container, String file) {
    Path own = Sandbox.cgroup(container);
    return Sandbox.lines(own.resolve("hugetlb.2MB." + file)).get(0);
  }

  @Test
  void limit_isOfWhatIsUsedAndOfWhatIsPromised() {
    Container container =
        start(sandbox.sh("exec sleep 600").hugePages(Bytes.mebi(2), Bytes.mebi(6)));
    assertThat(limit(container, "max")).isEqualTo("6291456");
    assertThat(limit(container, "rsvd.max")).isEqualTo("6291456");

    container.update(Limits.builder().hugePages(Bytes.mebi(2), Bytes.mebi(2)).build());
    assertThat(limit(container, "max")).isEqualTo("2097152");
    assertThat(limit(container, "rsvd.max")).isEqualTo("2097152");

    container.update(Limits.NONE);
    assertThat(limit(container, "max")).isEqualTo("max");
    assertThat(limit(container, "rsvd.max")).isEqualTo("max");
    container.remove(true);
  }

  @Test
  void limit_ofASizeThatThereIsNot_isRefused() {
    assertThatThrownBy(
            () ->
                sandbox
                    .pinnace()
                    .containers()
                    .create(sandbox.sh("true").hugePages(Bytes.mebi(4), Bytes.ZERO)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("hugetlb.4MB.max")
        .hasMessageContaining("2MB");
  }

  @Test
  void feature_isTold() {
    assertThat(sandbox.pinnace().info().features())
        .anySatisfy(
            feature -> {
              assertThat(feature.name()).isEqualTo("hugetlb limits");
              assertThat(feature.available()).isTrue();
            });
  }
}

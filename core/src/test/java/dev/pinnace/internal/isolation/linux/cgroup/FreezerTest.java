package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files stand for the kernel's. */
@Timeout(5)
class FreezerTest {
  @TempDir private Path group;

  @Test
  void set_waitsUntilItIsSo() throws Exception {
    Files.writeString(group.resolve("cgroup.events"), "populated 1\nfrozen 1\n");
    Freezer.set(group, "c", true);
    assertThat(group.resolve("cgroup.freeze")).hasContent("1");
    assertThat(Freezer.isFrozen(group)).isTrue();
  }

  @Test
  void set_somebodyElseWantsTheContrary_isAConflict() throws Exception {
    Files.writeString(group.resolve("cgroup.events"), "frozen 0\n");
    // What is written there is gone at once, as if somebody had written after us.
    Files.createSymbolicLink(group.resolve("cgroup.freeze"), Path.of("/dev/null"));
    assertThatThrownBy(() -> Freezer.set(group, "c", true))
        .isInstanceOf(ConflictException.class)
        .hasMessage("container c was resumed by somebody else meanwhile");
  }

  @Test
  void set_cgroupIsGone_isAConflict() {
    assertThatThrownBy(() -> Freezer.set(group.resolve("gone"), "c", true))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("does not run");
  }
}

package dev.pinnace.internal.isolation.linux.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import java.lang.Thread.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
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

  @Test
  void set_interrupted_isTakenBack() throws Exception {
    Path wish = group.resolve("cgroup.freeze");
    Files.writeString(group.resolve("cgroup.events"), "frozen 0\n");
    Files.writeString(wish, "0");
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread pausing =
        new Thread(
            () -> {
              assertThatThrownBy(() -> Freezer.set(group, "c", true))
                  .isInstanceOf(CancelledException.class);
              flag.complete(Thread.currentThread().isInterrupted());
            });
    pausing.start();
    while (!Files.readString(wish).equals("1") || pausing.getState() != State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(Freezer.isToBeFrozen(group)).isTrue();
    pausing.interrupt();
    assertThat(flag.get()).isTrue();
    assertThat(wish).hasContent("0");
    assertThat(Freezer.isToBeFrozen(group)).isFalse();
    assertThat(Freezer.isToBeFrozen(group.resolve("gone"))).isFalse();
  }
}

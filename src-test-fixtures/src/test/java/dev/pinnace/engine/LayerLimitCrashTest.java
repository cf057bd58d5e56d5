package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.guest.ProjectRecords;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed between any two steps leaves no limit that nobody has. */
@Tag("vm")
@Needs({"root", "busybox"})
class LayerLimitCrashTest {
  private static final int FEWEST_POINTS = 4;

  @TempDir Path directory;

  private Pinnace engine() {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  private void makeImage() {
    try (Pinnace engine = engine()) {
      engine.images().host("busybox").named(EngineFixture.IMAGE).build();
    }
  }

  @Test
  void create_killedAnywhere_leavesNoLimit() {
    makeImage();
    int point = 1;
    while (killedAt(point, "create", "cc", "bound,limited", "exit 0")) {
      nothingIsLeft(true);
      point++;
    }
    assertThat(point).isGreaterThan(FEWEST_POINTS);
    nothingIsLeft(true);
  }

  @Test
  void remove_killedAnywhere_leavesNoLimit() {
    makeImage();
    int point = 1;
    do {
      try (Pinnace engine = engine()) {
        engine
            .containers()
            .create(EngineFixture.shell("exit 0").name("cc").layerLimit(Bytes.mebi(4)));
      }
      assertThat(ProjectRecords.limited(directory)).hasSize(1);
    } while (killedAndTidied(point++));
    assertThat(point).isGreaterThan(FEWEST_POINTS);
  }

  private boolean killedAndTidied(int point) {
    boolean killed = killedAt(point, "remove", "cc");
    nothingIsLeft(killed);
    return killed;
  }

  /** Whether it came to the point with that number. */
  private boolean killedAt(int point, String... work) {
    try (Peer peer = Peer.start(directory.resolve("root"), directory.resolve("run"))) {
      assertThat(peer.ask("halt-at-point", Integer.toString(point))).isEqualTo("ok");
      String answer = peer.ask(work);
      assertThat(answer).doesNotStartWith("failed");
      peer.kill();
      return answer.startsWith("halted");
    }
  }

  /** Of a container that is there still the limit is, too: it is removed then. */
  private void nothingIsLeft(boolean mayBeThere) {
    try (Pinnace engine = engine()) {
      List<ContainerState> left = engine.containers().list();
      assertThat(ProjectRecords.limited(directory)).hasSameSizeAs(left);
      assertThat(left.isEmpty() || mayBeThere).isTrue();
      left.forEach(state -> engine.containers().get(state.id().hex()).remove(true));
    }
    assertThat(ProjectRecords.limited(directory)).isEmpty();
  }
}

package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.guest.ProjectRecords;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM that is killed while a limit is set or lifted leaves none that nobody has. */
@Tag("vm")
@Needs({"root", "busybox"})
class LayerLimitCrashTest {
  @TempDir Path directory;

  private Pinnace engine() {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  @BeforeEach
  void makeImage() {
    try (Pinnace engine = engine()) {
      engine.images().host("busybox").named(EngineFixture.IMAGE).build();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"layer has a project", "layer filled"})
  void create_killed_leavesNoLimit(String point) {
    killAt(point, "create", "cc", "bound,limited", "exit 0");
    assertThat(left()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"record removed", "limit lifted", "layer removed"})
  void remove_killed_leavesNoLimit(String point) {
    try (Pinnace engine = engine()) {
      engine.containers().create(EngineFixture.shell("").name("cc").layerLimit(Bytes.mebi(4)));
    }
    assertThat(ProjectRecords.limited(directory)).hasSize(1);
    killAt(point, "remove", "cc");
    assertThat(left()).isEmpty();
  }

  private void killAt(String point, String... work) {
    try (Peer peer = Peer.start(directory.resolve("root"), directory.resolve("run"))) {
      assertThat(peer.ask("halt-at", point)).isEqualTo("ok");
      assertThat(peer.ask(work)).isEqualTo("halted " + point);
      peer.kill();
    }
  }

  /** Which containers are left once the next engine has opened. */
  private List<ContainerState> left() {
    try (Pinnace engine = engine()) {
      List<ContainerState> left = engine.containers().list();
      assertThat(ProjectRecords.all(directory)).isEmpty();
      return left;
    }
  }
}

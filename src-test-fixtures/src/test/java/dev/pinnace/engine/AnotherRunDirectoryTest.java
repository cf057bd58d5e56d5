package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The run directory is gone after a boot, and another one when the root was moved. */
class AnotherRunDirectoryTest extends EngineFixture {
  @Test
  void start_inAnotherRunDirectory_hasItsOwnFiles() throws IOException {
    Container first =
        engine
            .containers()
            .start(shell("busybox cat /etc/hostname").name("moved").hostname("boat"));
    assertThat(first.await().code()).isZero();
    engine.close();
    deleteChildren(runDirectory());

    engine =
        Pinnace.builder().root(root()).runDirectory(PLACE.directory().resolve("elsewhere")).open();
    Container moved = engine.containers().get("moved");
    moved.start();
    assertThat(moved.await().code()).isZero();
    assertThat(moved.logs().text()).isEqualTo("boat\nboat\n");
  }

  /** Whoever does not see their supervisors would start them again, or take away their files. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void open_withAnotherOne_whileContainersRun_isRefused(boolean fleeting) throws IOException {
    ContainerSpecBuilder spec = waiting().detached();
    Container container =
        ready(
            engine
                .containers()
                .start(fleeting ? spec.autoRemove() : spec.restart(RestartPolicy.always())));
    int pid = container.inspect().pid().orElseThrow();
    Pinnace.Builder stranger =
        Pinnace.builder().root(root()).runDirectory(PLACE.directory().resolve("elsewhere"));
    assertThatThrownBy(stranger::open)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("run with the run directory " + runDirectory());
    assertThat(container.execute("busybox", "true").exitCode()).isZero();
    assertThat(container.inspect().pid()).hasValue(pid);
    container.stop();
    try (Pinnace now = stranger.open()) {
      assertThat(now.containers().list(ContainerFilter.all())).hasSizeLessThanOrEqualTo(1);
    }
  }

  private static void deleteChildren(Path directory) throws IOException {
    List<Path> children;
    try (Stream<Path> all = Files.walk(directory)) {
      children = all.sorted(Comparator.reverseOrder()).filter(p -> !p.equals(directory)).toList();
    }
    for (Path child : children) {
      Files.delete(child);
    }
  }
}

package dev.pinnace.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RunResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Limits of what a container's own files take, on the ext4 with project quotas of {@code vm/run}.
 */
@Tag("vm")
@Needs({"root", "chattr"})
class LayerLimitTest {
  private static final Bytes LIMIT = Bytes.mebi(4);

  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private Pinnace pinnace;

  @BeforeEach
  void nobodyHasALimit() {
    assertThat(ProjectRecords.limited(directory)).isEmpty();
  }

  @AfterEach
  void close() {
    if (pinnace != null) {
      pinnace.close();
    }
    assertThat(ProjectRecords.limited(directory)).as("limits that are left").isEmpty();
  }

  private Pinnace open(String driver) {
    pinnace =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .storage(driver)
            .open();
    pinnace
        .images()
        .host("sh", "cat", "head", "chattr", "df", "rm", "ls", "dd", "wc")
        .named("small")
        .build();
    return pinnace;
  }

  private static ContainerSpecBuilder limited(String script) {
    return ContainerSpec.image("small").command("sh", "-c", script).layerLimit(LIMIT);
  }

  @Test
  void info_tellsThatThereCanBeLimits_andLeavesNone() {
    assertThat(open("vfs").info().features())
        .filteredOn(feature -> feature.name().startsWith("size limits"))
        .singleElement()
        .satisfies(feature -> assertThat(feature.available()).as(feature.reason()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"overlayfs", "vfs"})
  void layerLimit_exceeded_failsInTheContainerAlone(String driver) throws InterruptedException {
    RunResult result =
        open(driver)
            .containers()
            .run(
                limited(
                    "head -c 3000000 /dev/zero >/a && echo first;"
                        + " head -c 3000000 /dev/zero >/b || echo second; ls -l /b"));

    assertThat(result.stdout()).contains("first", "second");
    assertThat(result.stderr()).containsAnyOf("No space left", "quota exceeded");
    // a captured run is removed in the background
    assertThat(Sandbox.eventually(() -> pinnace.containers().list().isEmpty())).isTrue();
  }

  @Test
  void layerLimit_filesForEtc_countToo() {
    RunResult result =
        open("overlayfs")
            .containers()
            .run(limited("head -c 8000000 /dev/zero >/etc/hosts || echo full; wc -c </etc/hosts"));

    assertThat(result.stdout()).startsWith("full\n");
    assertThat(Long.parseLong(result.stdout().lines().toList().get(1).strip()))
        .isLessThanOrEqualTo(LIMIT.count() + (1 << 16));
  }

  @Test
  void layerLimit_root_cannotTakeFilesOutOfTheProject() {
    RunResult result =
        open("overlayfs")
            .containers()
            .run(limited("echo x >/a; chattr -p 0 /a || echo refused; df / | cat"));

    assertThat(result.stdout()).contains("refused");
    assertThat(result.stderr()).contains("Operation not permitted");
  }

  @Test
  void layerLimit_privileged_holdsThroughAnOverlay() {
    RunResult result =
        open("overlayfs")
            .containers()
            .run(limited("head -c 8000000 /dev/zero >/a || echo full").privileged());

    assertThat(result.stdout()).contains("full");
  }

  @Test
  void layerLimit_privilegedWithoutOverlay_isRefused() {
    assertThatThrownBy(() -> open("vfs").containers().create(limited("exit 0").privileged()))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("CAP_SYS_RESOURCE")
        .hasMessageContaining("user map");
    assertThat(pinnace.containers().list()).isEmpty();
  }

  @Test
  void layerLimit_startedAgain_isKeptByAnotherEngine() {
    Container container =
        open("overlayfs").containers().create(limited("head -c 3000000 /dev/zero >>/a && echo ok"));
    container.start();
    assertThat(container.await().code()).isZero();
    pinnace.close();
    Container same = open("overlayfs").containers().get(container.name());
    same.start();

    assertThat(same.await().code()).isNotZero();
    assertThat(same.inspect().spec().layerLimit()).contains(LIMIT);
    same.remove(true);
  }

  @Test
  void layerLimit_manyAtOnce_haveAProjectEach() throws Exception {
    open("overlayfs");
    List<Container> all =
        Stream.generate(() -> limited("exit 0"))
            .limit(8)
            .parallel()
            .map(spec -> pinnace.containers().create(spec))
            .toList();
    Set<Integer> projects = ProjectRecords.limited(directory);
    assertThat(projects).hasSize(8);

    List<Integer> left = new ArrayList<>(projects);
    for (Container container : all) {
      container.remove(false);
    }
    assertThat(left).hasSize(8);
    assertThat(ProjectRecords.all(directory)).doesNotContainAnyElementsOf(left);
  }

  @Test
  void layerLimit_withoutQuotas_isRefusedWithWhatToDo() throws Exception {
    Path memory = Files.createTempDirectory(Path.of("/dev/shm"), "pinnace");
    try (Pinnace engine =
        Pinnace.builder().root(memory.resolve("root")).runDirectory(memory.resolve("run")).open()) {
      engine.images().host("sh").named("small").build();
      assertThatThrownBy(() -> engine.containers().create(limited("exit 0")))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("tmpfs")
          .hasMessageContaining("prjquota");
      assertThat(engine.containers().list()).isEmpty();
    }
  }
}

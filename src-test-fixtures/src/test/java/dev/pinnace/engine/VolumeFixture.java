package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Tests with volumes, of which none is left after any of them. */
abstract class VolumeFixture extends EngineFixture {
  @AfterEach
  void removeVolumes() {
    Leftovers.remove(engine);
    engine.volumes().prune(VolumeFilter.all());
    assertThat(names()).isEmpty();
    for (ImageSummary left : engine.images().list()) {
      if (!left.references().contains(IMAGE)) {
        engine.images().remove(left.id().toString(), true);
      }
    }
  }

  List<String> names() {
    return engine.volumes().list(VolumeFilter.all()).stream().map(VolumeState::name).toList();
  }

  static Path data(String volume) {
    return root().resolve("volumes").resolve(volume).resolve("_data");
  }

  /** Makes an image of what a script has done, with further instructions. */
  void imageOf(String name, String script, String... changes) {
    Container container = engine.containers().start(shell(script));
    assertThat(container.await().code()).as(container.logs().text()).isZero();
    CommitSpec spec = CommitSpec.named(name);
    for (String change : changes) {
      spec = spec.withChange(change);
    }
    container.commit(spec);
    container.remove(true);
  }

  static ContainerSpecBuilder of(String image, String script) {
    return image(image).command("busybox", "sh", "-c", script);
  }

  /** What a script prints. */
  String run(ContainerSpecBuilder spec) {
    RunResult result = engine.containers().run(spec);
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return result.stdout();
  }
}

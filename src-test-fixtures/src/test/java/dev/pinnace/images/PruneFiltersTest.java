package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageRemoval;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.PruneOptions;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the conditions of a clean-up let it take, and what they keep from it. */
@Needs("root")
@Timeout(60)
class PruneFiltersTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private Pinnace engine;

  @BeforeEach
  void open() {
    engine = PLACE.open();
  }

  @AfterEach
  void close() {
    Leftovers.remove(engine);
    engine.images().prune(ImageFilter.all());
    engine.close();
  }

  private void imported(String env) {
    engine
        .images()
        .importTar(
            new ByteArrayInputStream(new LayerArchive().file("env", env).bytes()),
            ImportSpec.named("im:" + env).withChange("LABEL env=" + env));
  }

  private List<String> names(ImageFilter filter) {
    return engine.images().list(filter).stream()
        .map(ImageSummary::references)
        .flatMap(List::stream)
        .sorted()
        .toList();
  }

  @Test
  void images_severalValuesOfOneLabel_allCount() {
    List.of("prod", "stage", "dev").forEach(this::imported);
    assertThat(names(ImageFilter.all().label("env", "prod").label("env", "stage"))).isEmpty();
    assertThat(names(ImageFilter.all().label("env", "prod").label("env")))
        .containsExactly("im:prod");
    PruneOptions others =
        PruneOptions.DEFAULTS
            .withAllImages()
            .withoutLabel("env", "prod")
            .withoutLabel("env", "stage");
    assertThat(engine.prune(others).images())
        .flatExtracting(ImageRemoval::untagged)
        .containsExactly("im:dev");
    PruneOptions both =
        PruneOptions.DEFAULTS.withAllImages().withLabel("env", "prod").withLabel("env", "stage");
    assertThat(engine.prune(both).images()).isEmpty();
    assertThat(names(ImageFilter.all())).containsExactly("im:prod", "im:stage");
  }

  private ContainerId created(String env) {
    return engine.containers().create(image("im:dev").command("x").label("env", env)).id();
  }

  @Test
  void containers_severalValuesOfOneLabel_allCount() {
    imported("dev");
    ContainerId prod = created("prod");
    ContainerId stage = created("stage");
    ContainerId dev = created("dev");
    ContainerFilter both = ContainerFilter.all().label("env", "prod").label("env", "stage");
    assertThat(engine.containers().list(both)).isEmpty();
    assertThat(engine.containers().prune(both).containers()).isEmpty();
    PruneOptions others =
        PruneOptions.DEFAULTS.withoutLabel("env", "prod").withoutLabel("env", "stage");
    assertThat(engine.prune(others).containers()).containsExactly(dev);
    assertThat(engine.containers().list(ContainerFilter.all()))
        .extracting(ContainerState::id)
        .containsExactlyInAnyOrder(prod, stage);
  }

  @Test
  void images_thatOnlyADigestNames_areDangling() throws Exception {
    try (TestRegistry registry = TestRegistry.start()) {
      byte[] layer = new LayerArchive().file("file", "content").bytes();
      new ImageBlobs().gzipLayer(layer).putInto(registry.content(), "tool", "1");
      Image tagged = engine.images().pull(registry.address() + "/tool:1");
      String byDigest = registry.address() + "/tool@" + tagged.digest();
      engine.images().pull(byDigest);
      assertThat(names(ImageFilter.all().dangling(true))).isEmpty();
      assertThat(engine.prune(PruneOptions.DEFAULTS).images()).isEmpty();
      engine.images().remove(registry.address() + "/tool:1", false);
      assertThat(names(ImageFilter.all().dangling(false))).isEmpty();
      assertThat(names(ImageFilter.all().dangling(true))).containsExactly(byDigest);
      assertThat(engine.prune(PruneOptions.DEFAULTS).images())
          .containsExactly(new ImageRemoval(List.of(byDigest), java.util.Optional.of(tagged.id())));
      assertThat(engine.images().list()).isEmpty();
    }
  }
}

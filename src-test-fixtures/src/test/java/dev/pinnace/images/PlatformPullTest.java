package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.RegistryContent.Layer;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageSummary;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PullPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One name for several platforms: what was asked for last is what the name means. */
@Needs("root")
class PlatformPullTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static final Platform HOST = Platform.host();
  private static final Platform OTHER =
      new Platform("linux", HOST.architecture().equals("amd64") ? "arm64" : "amd64");

  private final TestRegistry registry = TestRegistry.start();
  private final Pinnace engine = PLACE.open();

  @BeforeEach
  void fill() {
    RegistryContent content = registry.content();
    content.putIndex(
        "tool", "1", Map.of(HOST.toString(), image(HOST), OTHER.toString(), image(OTHER)));
  }

  private String image(Platform platform) {
    byte[] tar = new LayerArchive().file(platform.architecture(), "").bytes();
    return registry
        .content()
        .putImage(
            "tool", platform.architecture(), platform.architecture(), List.of(Layer.plain(tar)));
  }

  @AfterEach
  void removeAll() {
    for (ImageSummary image : engine.images().list()) {
      engine.images().remove(image.id().toString(), true);
    }
    engine.close();
    registry.close();
  }

  private String name() {
    return registry.address() + "/tool:1";
  }

  private Image pull(Platform platform) {
    PullOptions options = PullOptions.DEFAULTS.withPlatform(platform);
    return engine.images().pull(ImageReference.parse(name()), options).await();
  }

  @Test
  void pull_forAnotherPlatform_isThatImage() {
    Image host = engine.images().pull(name());
    assertThat(host.config().platform()).isEqualTo(HOST);
    Image other = pull(OTHER);
    assertThat(other.config().platform()).isEqualTo(OTHER);
    assertThat(other.references()).containsExactly(name());
    assertThat(engine.images().get(name()).id()).isEqualTo(other.id());
    assertThat(engine.images().get(host.id().toString()).references()).isEmpty();
    assertThat(engine.images().pull(name()).id()).isEqualTo(host.id());
    assertThat(engine.images().get(name()).config().platform()).isEqualTo(HOST);
    assertThat(engine.images().list()).hasSize(2);
  }

  /** Such as attestations, or what is signed with a longer digest. */
  @Test
  void pull_besideWhatCannotBeUsed_keepsTheIndexAsItIs() {
    RegistryContent content = registry.content();
    String digest = image(HOST);
    int size = content.manifest("tool", digest).orElseThrow().bytes().length;
    String entry = "{\"mediaType\":\"" + MediaTypes.MANIFEST + "\",\"size\":" + size;
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaTypes.INDEX
            + "\",\"manifests\":["
            + (entry + ",\"digest\":\"sha512:" + "0".repeat(128) + "\"},")
            + (entry + ",\"digest\":\"" + digest + "\",\"platform\":{\"os\":\"\"}},")
            + (entry + ",\"digest\":\"" + digest + "\"}]}");
    String odd =
        content.putManifest(
            "tool", "odd", MediaTypes.INDEX, index.getBytes(StandardCharsets.UTF_8));
    Image image = engine.images().pull(registry.address() + "/tool:odd");
    assertThat(image.config().platform()).isEqualTo(HOST);
    assertThat(image.digest()).hasToString(odd);
  }

  @Test
  void pull_ofBoth_byTheIndexesDigest_isThisHosts() {
    pull(OTHER);
    Image host = pull(HOST);
    assertThat(engine.images().get(host.digest().toString()).id()).isEqualTo(host.id());
    assertThat(engine.images().get(registry.address() + "/tool@" + host.digest()).id())
        .isEqualTo(host.id());
  }

  @Test
  void pull_afterTheOtherPlatformsRemoval_hasWhatItNeeds() {
    pull(OTHER);
    engine.images().remove(name(), true);
    assertThat(engine.images().list()).isEmpty();
    Image host = engine.images().pull(name());
    assertThat(host.config().platform()).isEqualTo(HOST);
  }

  @Test
  void remove_ofOne_leavesTheOther() {
    Image host = pull(HOST);
    Image other = pull(OTHER);
    long both = engine.diskUsage().blobs().size().count();
    engine.images().remove(host.id().toString(), false);
    assertThat(engine.images().get(name()).id()).isEqualTo(other.id());
    assertThat(engine.diskUsage().blobs().size().count()).isLessThan(both);
    engine.images().remove(name(), false);
    assertThat(engine.images().list()).isEmpty();
  }

  @Test
  void pull_ofASingleImage_forAnotherPlatform_isRefused() {
    String single = registry.address() + "/tool:" + HOST.architecture();
    PullOptions options = PullOptions.DEFAULTS.withPlatform(OTHER);
    assertThatThrownBy(() -> engine.images().pull(ImageReference.parse(single), options).await())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no image for " + OTHER + "; it has: " + HOST);
    assertThat(engine.images().list()).isEmpty();
    assertThatThrownBy(
            () -> engine.containers().create(ContainerSpec.image(single).platform(OTHER).build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("it has: " + HOST);
  }

  @Test
  void create_forAPlatform_pullsWhereAnotherIsHere() {
    pull(OTHER);
    ContainerSpec spec = ContainerSpec.image(name()).platform(HOST).build();
    Container container = engine.containers().create(spec);
    assertThat(container.inspect().imageId()).isEqualTo(engine.images().get(name()).id());
    assertThat(engine.images().get(name()).config().platform()).isEqualTo(HOST);
    container.remove(false);
  }

  @Test
  void create_neverPulled_refusesAnotherPlatform() {
    pull(OTHER);
    ContainerSpec spec = ContainerSpec.image(name()).platform(HOST).pull(PullPolicy.NEVER).build();
    assertThatThrownBy(() -> engine.containers().create(spec))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("that is here is for " + OTHER + ", not for " + HOST);
    String id = pull(OTHER).id().toString();
    assertThatThrownBy(
            () -> engine.containers().create(ContainerSpec.image(id).platform(HOST).build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("not for " + HOST);
  }
}

package dev.pinnace.spec;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes and mounts of them, as they are asked for. */
class VolumeSpecTest {
  @Test
  void named_defaults() {
    VolumeSpec spec = VolumeSpec.named("data");
    assertThat(spec.name()).contains("data");
    assertThat(spec.anonymous()).isFalse();
    assertThat(spec.driver()).isEqualTo("local");
    assertThat(spec.options()).isEmpty();
    assertThat(spec.labels()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", ".a", "-a", "_a", "a/b", "..", "a b", "a:b", "a\n", "\u00e9e"})
  void named_noName_isRefused(String name) {
    assertThatThrownBy(() -> VolumeSpec.named(name))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("cannot be the name of a volume");
  }

  @Test
  void named_longerThanAFileName_isRefused() {
    assertThat(VolumeSpec.named("a".repeat(255)).name()).isPresent();
    assertThatThrownBy(() -> VolumeSpec.named("a".repeat(256)))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void unnamed_called_staysAnonymous() {
    VolumeSpec chosen = VolumeSpec.unnamed().withLabel("a", "b").withOption("o", "p").called("xy");
    assertThat(chosen.anonymous()).isTrue();
    assertThat(chosen.name()).contains("xy");
    assertThat(chosen.labels()).isEqualTo(Map.of("a", "b"));
    assertThat(chosen.options()).isEqualTo(Map.of("o", "p"));
  }

  @Test
  void mount_ofAVolume_keepsWhatWasSaid() {
    Mount mount =
        Mount.volume("data")
            .at("/a/../b")
            .asReadOnly()
            .withoutCopy()
            .subPath("x/./y")
            .with("nodev");
    assertThat(mount.kind()).isEqualTo(Mount.Kind.VOLUME);
    assertThat(mount.volume().flatMap(VolumeSpec::name)).contains("data");
    assertThat(mount.target()).isEqualTo("/b");
    assertThat(mount.readOnly()).isTrue();
    assertThat(mount.noCopy()).isTrue();
    assertThat(mount.subPath()).contains("x/y");
    assertThat(mount.options()).containsExactly("nodev");
    assertThat(mount.source()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/etc", "..", "../x", "a/../..", "a/../../b"})
  void subPath_thatLeadsOut_isRefused(String path) {
    assertThatThrownBy(() -> Mount.volume("data").subPath(path))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("relative to the source");
  }

  @Test
  void subPath_ofNothing_isAll() {
    assertThat(Mount.anonymousVolume().subPath("a/..").subPath()).isEqualTo(Optional.empty());
  }

  @Test
  void whatOthersHaveNot_isRefused() {
    assertThatThrownBy(() -> Mount.tmpfs().subPath("x")).hasMessageContaining("memory");
    assertThatThrownBy(() -> Mount.bind(Path.of("/x")).withoutCopy())
        .hasMessage("only a volume is filled from the image, not the bind of /x");
  }

  @Test
  void mount_twoInOnePlace_namesTheEarlier() {
    assertThatThrownBy(
            () -> image("x").mount(Mount.volume("data").at("/a")).mount(Mount.tmpfs().at("/a")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the volume data");
  }
}

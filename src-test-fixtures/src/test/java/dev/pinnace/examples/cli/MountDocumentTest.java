package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MountDocumentTest {
  @Test
  void of_bind() {
    Mount mount = Mount.bind(Path.of("/s")).at("/t").propagation(Propagation.RSLAVE).asReadOnly();
    assertThat(MountDocument.of(mount))
        .containsEntry("Type", "bind")
        .containsEntry("Source", "/s")
        .containsEntry("Destination", "/t")
        .containsEntry("Mode", "ro,rslave")
        .containsEntry("RW", false)
        .containsEntry("Propagation", "rslave")
        .doesNotContainKeys("Name", "Driver");
    assertThat(MountDocument.bind(mount)).isEqualTo("/s:/t:ro,rslave");
    assertThat(VolumeFlag.parse(MountDocument.bind(mount), false)).isEqualTo(mount);
    assertThat(MountDocument.of(Mount.bind(Path.of("/s")).at("/t")))
        .containsEntry("Mode", "")
        .containsEntry("RW", true)
        .containsEntry("Propagation", "rprivate");
  }

  @Test
  void of_tmpfs() {
    Mount mount = Mount.tmpfs().at("/t").with("size=64m");
    assertThat(MountDocument.of(mount))
        .containsEntry("Type", "tmpfs")
        .containsEntry("Source", "")
        .containsEntry("Mode", "size=64m")
        .containsEntry("RW", true)
        .containsEntry("Propagation", "");
  }

  @Test
  void of_volume() {
    Mount mount = Mount.volume("data").at("/t").withoutCopy();
    assertThat(MountDocument.of(mount))
        .containsEntry("Type", "volume")
        .containsEntry("Name", "data")
        .containsEntry("Driver", "local")
        .containsEntry("Propagation", "");
    assertThat(MountDocument.bind(mount)).isEqualTo("data:/t:nocopy");
    assertThat(MountDocument.bind(Mount.anonymousVolume().at("/t"))).isEqualTo("/t");
  }

  @Test
  void wanted_tellsWhatABindCannotSay() {
    assertThat(MountDocument.isMoreThanABind(Mount.bind(Path.of("/s")).at("/t"))).isFalse();
    assertThat(MountDocument.isMoreThanABind(Mount.volume("data").at("/t"))).isFalse();
    assertThat(MountDocument.isMoreThanABind(Mount.tmpfs().at("/t"))).isFalse();
    Mount bind =
        Mount.bind(Path.of("/s")).at("/t").nonRecursive().ownedBy(1000, 100).subPath("a/b");
    assertThat(MountDocument.isMoreThanABind(bind)).isTrue();
    assertThat(MountDocument.wanted(bind))
        .isEqualTo(
            Map.of(
                "Type", "bind",
                "Source", "/s",
                "Target", "/t",
                "BindOptions",
                    Map.of(
                        "Propagation", "rprivate",
                        "NonRecursive", true,
                        "OwnedBy", "1000:100",
                        "Subpath", "a/b")));
    assertThat(MountDocument.wanted(Mount.bind(Path.of("/s")).at("/t").asReadOnlyAtTop()))
        .containsEntry("ReadOnly", true)
        .containsEntry(
            "BindOptions", Map.of("Propagation", "rprivate", "ReadOnlyNonRecursive", true));
    VolumeSpec volume = VolumeSpec.named("data").withLabel("a", "b").withOption("size", "1G");
    assertThat(MountDocument.wanted(Mount.volume(volume).at("/t").withoutCopy().subPath("x")))
        .isEqualTo(
            Map.of(
                "Type", "volume",
                "Source", "data",
                "Target", "/t",
                "VolumeOptions",
                    Map.of(
                        "NoCopy",
                        true,
                        "Labels",
                        Map.of("a", "b"),
                        "Subpath",
                        "x",
                        "DriverConfig",
                        Map.of("Name", "local", "Options", Map.of("size", "1G")))));
  }
}

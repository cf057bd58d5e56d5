package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import java.nio.file.Path;
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
}

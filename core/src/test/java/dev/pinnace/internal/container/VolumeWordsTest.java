package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of servers, which are looked up when a volume of theirs is mounted. */
class VolumeWordsTest {
  private static RuntimeConfig.Mount of(String type, String options) {
    VolumeSpec spec =
        VolumeSpec.named("data")
            .withOption("type", type)
            .withOption("device", ":/export")
            .withOption("o", options);
    return VolumeWords.local(
        Mount.volume(spec).at("/data"), LocalVolume.of(spec), List.of("nosuid"));
  }

  private static List<String> found(RuntimeConfig.Mount mount) {
    return VolumeWords.found(mount, Map.of()).options();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "cifs"})
  void nameOfAServer_becomesItsAddress_andNothingElseChanges(String type) {
    RuntimeConfig.Mount mount = of(type, "rw,addr=localhost,vers=4,clientaddr=localhost");
    assertThat(VolumeWords.hasAddresses(List.of(mount))).isTrue();
    assertThat(found(mount))
        .containsExactly(
            "x-pinnace.volume=data",
            "rw",
            "addr=127.0.0.1",
            "vers=4",
            "clientaddr=localhost",
            "nosuid");
    RuntimeConfig.Mount now = VolumeWords.found(mount, Map.of());
    assertThat(now.source()).isEqualTo(":/export");
    assertThat(now.type()).isEqualTo(type);
    assertThat(now.destination()).isEqualTo("/data");
    assertThat(mount.options()).as("it is looked up anew each time").contains("addr=localhost");
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.7, 192.0.2.7", "2001:db8::7, 2001:db8:0:0:0:0:0:7"})
  void address_staysOne(String written, String told) {
    assertThat(found(of("nfs", "addr=" + written))).contains("addr=" + told);
  }

  @Test
  void nameThatNobodyKnows_isAFailure_thatNamesVolumeAndOption() {
    assertThatThrownBy(() -> found(of("nfs", "ro,addr=nobody.invalid")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("volume data cannot be mounted")
        .hasMessageContaining("nobody knows the address of nobody.invalid")
        .hasMessageContaining("of its option addr=nobody.invalid")
        .hasCauseInstanceOf(UnknownHostException.class);
  }

  @Test
  void others_areNotLookedUp() {
    RuntimeConfig.Mount disk = of("ext4", "addr=nobody.invalid");
    RuntimeConfig.Mount plain =
        new RuntimeConfig.Mount("/n", "nfs", ":/x", List.of("addr=nobody.invalid"));
    assertThat(VolumeWords.hasAddresses(List.of(disk, plain))).isFalse();
    assertThat(VolumeWords.found(disk, Map.of())).isEqualTo(disk);
    assertThat(VolumeWords.found(plain, Map.of())).isEqualTo(plain);
  }

  @Test
  void volumeOfADriver_isWhereThatHasMountedIt() {
    RuntimeConfig.Mount mount =
        new RuntimeConfig.Mount(
            "/d", "bind", "", List.of(VolumeWords.word(VolumeSpec.named("data")), "rbind"));
    assertThat(VolumeWords.found(mount, Map.of("data", Path.of("/shelf/data"))).source())
        .isEqualTo("/shelf/data");
    assertThat(VolumeWords.found(mount, Map.of("other", Path.of("/x")))).isEqualTo(mount);
  }
}

package dev.pinnace.internal.container;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NamespaceSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcFilesTest {
  @TempDir private Path directory;

  private static List<String> places(ContainerSpecBuilder spec) {
    return EtcFiles.mounts(spec.build()).stream().map(Mount::destination).toList();
  }

  private ContainerSpecBuilder withEtc() {
    return image("i").mount(dev.pinnace.spec.Mount.bind(directory).at("/etc").asReadOnly());
  }

  @Test
  void mounts_grantNothing_andAreAsReadOnlyAsTheRoot() {
    assertThat(EtcFiles.mounts(image("i").build()))
        .hasSize(3)
        .allSatisfy(
            mount ->
                assertThat(mount.options())
                    .contains("nosuid", "nodev", "noexec")
                    .doesNotContain("ro"));
    assertThat(EtcFiles.mounts(image("i").readOnly().build()))
        .allSatisfy(mount -> assertThat(mount.options()).contains("ro"));
  }

  @Test
  void hosts_severalAddressesOfOneName_areLines() throws Exception {
    NamespaceSpec spec =
        image("i")
            .extraHost("a", "::2")
            .extraHost("b", "10.0.0.3")
            .extraHost("a", "10.0.0.2")
            .build()
            .namespaces();
    EtcFiles.write(directory, "box", spec, Optional.empty());
    assertThat(Files.readAllLines(directory.resolve("hosts")))
        .containsSubsequence("::2\ta", "10.0.0.2\ta", "10.0.0.3\tb");
  }

  @Test
  void mounts_leaveOutWhatIsMountedByTheCaller() {
    dev.pinnace.spec.Mount hosts = dev.pinnace.spec.Mount.bind(Path.of("/etc/hosts"));
    assertThat(places(image("i").mount(hosts.at("/etc//hosts"))))
        .containsExactly("/etc/hostname", "/etc/resolv.conf");
    assertThat(places(image("i").mount(dev.pinnace.spec.Mount.tmpfs().at("/etc")))).hasSize(3);
  }

  @Test
  void mounts_readOnlyEtcWithoutAPlace_isRefused() throws Exception {
    Files.createFile(directory.resolve("hosts"));
    Files.createSymbolicLink(directory.resolve("resolv.conf"), Path.of("../run/resolv.conf"));
    assertThatThrownBy(() -> places(withEtc()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the container's own hostname cannot be mounted in /etc")
        .hasMessageContaining("make empty ones in " + directory);
    Files.createFile(directory.resolve("hostname"));
    assertThat(places(withEtc())).hasSize(3);
  }
}

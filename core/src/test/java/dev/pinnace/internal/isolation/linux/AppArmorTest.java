package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Capabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On hosts that are directories. */
class AppArmorTest {
  @TempDir private Path host;
  private AppArmor appArmor;

  @BeforeEach
  void look() {
    appArmor = new AppArmor(host);
  }

  private void file(String path, String text) throws IOException {
    Path file = host.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void on(String own) throws IOException {
    file("sys/module/apparmor/parameters/enabled", "Y\n");
    file("proc/self/attr/apparmor/current", own + "\n");
  }

  private Optional<String> had(String profile) {
    RuntimeProcess process =
        new RuntimeProcess(
            false,
            Optional.empty(),
            RuntimeProcess.User.ROOT,
            List.of("x"),
            List.of(),
            "/",
            Capabilities.of(Set.of(), 0),
            List.of(),
            false,
            Optional.empty(),
            profile.isEmpty() ? Optional.empty() : Optional.of(profile));
    return appArmor.of(process).apparmorProfile();
  }

  @Test
  void unconfined_whereThatIsSoAnyway_setsNothing() throws IOException {
    assertThat(had("unconfined")).isEmpty();
    on("unconfined");
    assertThat(had("unconfined")).isEmpty();
    assertThat(had("")).isEmpty();
  }

  @Test
  void unconfined_ofAnEngineThatIsConfined_isSet() throws IOException {
    on("jvm (enforce)");
    assertThat(had("unconfined")).hasValue("unconfined");
  }

  @Test
  void profile_withoutAppArmor_isRefused() throws IOException {
    assertThatThrownBy(() -> had("p"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("this kernel has no AppArmor");
    file("sys/module/apparmor/parameters/enabled", "N\n");
    assertThatThrownBy(() -> had("p"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("switched off");
  }

  @Test
  void profile_thatIsNotLoaded_isRefusedWhereThatIsKnown() throws IOException {
    on("unconfined");
    assertThat(had("p")).hasValue("p");
    file("sys/kernel/security/apparmor/profiles", "pp (enforce)\nq q (complain)\n");
    assertThatThrownBy(() -> had("p"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("p is not loaded")
        .hasMessageContaining("apparmor_parser");
    assertThat(had("pp")).hasValue("pp");
    assertThat(had("q q")).hasValue("q q");
    assertThat(had(":space:p")).hasValue(":space:p");
  }
}

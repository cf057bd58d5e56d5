package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistriesTest {
  @Test
  void defaults_areThoseOfTheDocumentation() {
    Registries defaults = Registries.DEFAULTS;
    assertThat(defaults.mirrors("docker.io")).isEmpty();
    assertThat(defaults.isPlainHttp("localhost:5000")).isFalse();
    assertThat(defaults.usesDockerConfig()).isTrue();
    assertThat(defaults.dockerConfig()).isEmpty();
    assertThat(defaults.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.stallTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(defaults.retries()).isEqualTo(5);
    assertThat(defaults.parallelTransfers()).isEqualTo(3);
  }

  @Test
  void toBuilder_keepsEverything_andChangesNothingBehind() {
    RegistryCredentials ann = RegistryCredentials.of("ann", "secret");
    Registries all =
        Registries.builder()
            .mirror("docker.io", "one.example")
            .mirror("docker.io", "two.example:5000")
            .plainHttp("one.example")
            .insecure("three.example")
            .certificateAuthorities("two.example:5000", Path.of("/ca.pem"))
            .credentials("docker.io", ann)
            .withoutDockerConfig()
            .connectTimeout(Duration.ofSeconds(1))
            .stallTimeout(Duration.ofSeconds(2))
            .retries(7)
            .parallelTransfers(8)
            .build();
    Registries copy = all.toBuilder().build();
    assertThat(copy.mirrors("docker.io")).containsExactly("one.example", "two.example:5000");
    assertThat(copy.isPlainHttp("one.example")).isTrue();
    assertThat(copy.isInsecure("Three.example")).isTrue();
    assertThat(copy.isInsecure("one.example")).isFalse();
    assertThat(copy.certificateAuthorities("two.example:5000")).contains(Path.of("/ca.pem"));
    assertThat(copy.credentials("docker.io")).contains(ann);
    assertThat(copy.usesDockerConfig()).isFalse();
    assertThat(copy.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(copy.stallTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(copy.retries()).isEqualTo(7);
    assertThat(copy.parallelTransfers()).isEqualTo(8);
    Registries more = all.toBuilder().mirror("docker.io", "three.example").build();
    assertThat(more.mirrors("docker.io")).hasSize(3);
    assertThat(all.mirrors("docker.io")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker.io", "Docker.IO", "index.docker.io", "registry-1.docker.io"})
  void names_ofOneRegistry_meanTheSame(String name) {
    RegistryCredentials ann = RegistryCredentials.of("ann", "secret");
    Registries named =
        Registries.builder().mirror(name, "M.example").credentials(name, ann).build();
    assertThat(named.mirrors("docker.io")).containsExactly("m.example");
    assertThat(named.credentials("docker.io")).contains(ann);
    Registries asked =
        Registries.builder()
            .certificateAuthorities("docker.io", Path.of("/ca.pem"))
            .mirror("docker.io", "m.example")
            .build();
    assertThat(asked.certificateAuthorities(name)).contains(Path.of("/ca.pem"));
    assertThat(asked.mirrors(name)).containsExactly("m.example");
    assertThat(Registries.builder().plainHttp("docker.io").build().isPlainHttp(name)).isTrue();
    assertThatThrownBy(() -> asked.toBuilder().plainHttp(name))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("certificate authorities already");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "https://r.example", "r.example/path", "r example", "r:port", "-r"})
  void names_thatAreNone_areRefused(String name) {
    assertThatThrownBy(() -> Registries.builder().plainHttp(name))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is not a registry");
  }

  @Test
  void plainHttp_withAuthorities_isRefusedInEitherOrder() {
    Path pem = Path.of("/ca.pem");
    assertThatThrownBy(
            () ->
                Registries.builder()
                    .certificateAuthorities("r.example", pem)
                    .plainHttp("r.example"))
        .hasMessageContaining("r.example has certificate authorities already");
    assertThatThrownBy(
            () ->
                Registries.builder()
                    .plainHttp("r.example")
                    .certificateAuthorities("r.example", pem))
        .hasMessageContaining("r.example is spoken to in plain HTTP");
  }

  @Test
  void insecure_withAuthorities_isRefusedInEitherOrder() {
    Path pem = Path.of("/ca.pem");
    Registries.Builder asked = Registries.builder().certificateAuthorities("r.example", pem);
    assertThatThrownBy(() -> asked.insecure("r.example"))
        .hasMessageContaining("r.example has certificate authorities already");
    Registries.Builder careless = Registries.builder().insecure("r.example");
    assertThatThrownBy(() -> careless.certificateAuthorities("r.example", pem))
        .hasMessageContaining("r.example is insecure");
  }

  @Test
  void numbers_outsideTheirBounds_areRefused() {
    Registries.Builder builder = Registries.builder();
    assertThatThrownBy(() -> builder.retries(-1)).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> builder.parallelTransfers(0)).isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> builder.stallTimeout(Duration.ZERO))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void credentials_showNoSecret() {
    assertThat(RegistryCredentials.of("ann", "hunter2").toString()).doesNotContain("hunter2");
    assertThatThrownBy(() -> RegistryCredentials.of("a:b", "x"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> RegistryCredentials.of("ann", ""))
        .isInstanceOf(InvalidSpecException.class);
  }
}
